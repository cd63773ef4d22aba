/** What the kubelet says of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: State;
  readonly lastState: State;
}

interface State {
  readonly running?: { readonly startedAt: string };
  readonly waiting?: { readonly reason: string };
  readonly terminated?: {
    readonly reason: string;
    readonly exitCode: number;
    readonly startedAt: string;
    readonly finishedAt: string;
  };
}

/** A pod as the API server has it. */
export interface PodStatus {
  readonly metadata: { readonly name: string; readonly deletionGracePeriodSeconds?: number };
  readonly status: {
    readonly phase: string;
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** One container of a pod, init containers too. */
export function statusOf(pod: PodStatus, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  return [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name);
}
