import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "../../../scripts/free-port.ts";
import { cached } from "../interop.ts";
import { eventually, type Lifetime, temporaryDirectory } from "../temporary.ts";
import { type Containerd, startContainerd } from "./containerd.ts";
import { background, type ControlPlane, FOLDER, whyNoControlPlane } from "./control-plane.ts";

/** Why no pod can be run here, or undefined where it can. */
export function whyNoNode(): string | undefined {
  const missing = ["kube-scheduler", "kubelet"].some((name) => cached(FOLDER, name) === undefined);
  if (missing) return "no kubelet is built on this machine: .ci/install-kubernetes";
  if (process.getuid?.() !== 0) return "the kubelet needs root";
  for (const program of ["containerd", "runc", "buildah", "/usr/lib/cni/bridge"]) {
    const there = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
    if (!there) return `${program} is not installed: .ci/install-containers`;
  }
  return whyNoControlPlane();
}

/** The node as somebody sees it who is root on it. */
export interface Node extends Pick<Containerd, "processOf"> {
  /** All that kubelet, containerd and pods keep. */
  readonly folder: string;
  /** Of what containers write, as `NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`. */
  readonly logs: string;
}

/** Joins a node to the control plane: a real kubelet over a real containerd. */
export async function startNode(context: Lifetime, plane: ControlPlane): Promise<Node> {
  const folder = await temporaryDirectory(context);
  const { socket, processOf } = await startContainerd(context, folder);
  const logs = path.join(folder, "pod-logs");
  await writeFile(
    path.join(folder, "kubelet.json"),
    JSON.stringify(await kubeletConfig(socket, logs)),
  );
  await background(context, folder, "kubelet", [
    `--config=${path.join(folder, "kubelet.json")}`,
    `--kubeconfig=${plane.kubeconfig}`,
    "--hostname-override=node",
    "--node-ip=127.0.0.1",
    `--root-dir=${path.join(folder, "kubelet")}`,
    `--cert-dir=${path.join(folder, "certificates")}`,
  ]);
  await background(context, folder, "kube-scheduler", [
    `--kubeconfig=${plane.kubeconfig}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
    `--secure-port=${await freePort()}`,
    `--cert-dir=${path.join(folder, "certificates")}`,
  ]);
  const condition = '{.status.conditions[?(@.type=="Ready")].status}';
  const args = ["get", "node", "node", "-o", `jsonpath=${condition}`];
  await eventually("the node is ready", () => plane.kubectl(args).stdout === "True", 60_000);
  return { folder, logs, processOf };
}

/** For a machine whose limits nothing may raise, and which has other things to do. */
async function kubeletConfig(socket: string, logs: string): Promise<object> {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "127.0.0.1",
    port: await freePort(),
    healthzPort: await freePort(),
    readOnlyPort: 0,
    podLogsDir: logs,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    cgroupDriver: "cgroupfs",
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    maxOpenFiles: 20_000,
    containerRuntimeEndpoint: `unix://${socket}`,
    imageServiceEndpoint: `unix://${socket}`,
    imageGCHighThresholdPercent: 100,
    evictionHard: { "memory.available": "10Mi" },
    localStorageCapacityIsolation: false,
    resolvConf: "",
  };
}
