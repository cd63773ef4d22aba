/** What a container may do where Pod Security's strictest profile is enforced. */
const TIGHT = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } as const;

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly startupProbe?: object;
  readonly command?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: object;
  }[];
  readonly volumeMounts?: readonly {
    readonly name?: string;
    readonly mountPath: string;
    readonly subPath?: string;
    readonly readOnly?: boolean;
  }[];
  readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

export interface PodSpec {
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly restartPolicy?: string;
  readonly shareProcessNamespace?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
}

export interface Pod {
  readonly metadata: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `registry.example.com/${name}:1`, securityContext: TIGHT, ...more };
}

/** A pod that the strictest profile lets in. */
export function podSpec(more: Partial<PodSpec> = {}): PodSpec {
  return {
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container("api")],
    ...more,
  };
}

/** The environment of a container, by name. */
export function envOf(found: Container | undefined): Record<string, string | undefined> {
  return Object.fromEntries((found?.env ?? []).map(({ name, value }) => [name, value]));
}
