import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "../../../scripts/free-port.ts";
import { HOST_BINARY } from "../../../scripts/build-binary.ts";
import { BUILDAH } from "../../../scripts/build-image.ts";
import { outputOf, runCommand } from "../../../scripts/run.ts";
import { cached } from "../interop.ts";
import { eventually, type Lifetime, temporaryDirectory } from "../temporary.ts";
import { background, type ControlPlane, FOLDER, whyNoControlPlane } from "./control-plane.ts";

/** The address of this machine for a pod. */
export const GATEWAY = "10.199.0.1";
/** The agent, and a shell with curl for the application. */
export const IMAGE = "localhost/clef-agent-test-pod:1";
const PAUSE = "localhost/clef-agent-test-pause:1";
const BRIDGE = "clef-test0";

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
export interface Node {
  /** All that kubelet, containerd and pods keep. */
  readonly folder: string;
  /** Of what containers write, as `NAMESPACE_POD_UID/CONTAINER/RESTARTS.log`. */
  readonly logs: string;
  /** The first process of a running container, whose id a pod's status has. */
  processOf(containerId: string): number;
}

/** Joins a node to the control plane: a real kubelet over a real containerd, with a bridge of its own. */
export async function startNode(context: Lifetime, plane: ControlPlane): Promise<Node> {
  const folder = await temporaryDirectory(context);
  context.after(() => unmount(folder));
  const socket = path.join(folder, "containerd.sock");
  await writeFile(path.join(folder, "containerd.toml"), containerdConfig(folder, socket));
  await mkdir(path.join(folder, "cni"));
  const range = { subnet: "10.199.0.0/24" };
  const ipam = { type: "host-local", dataDir: path.join(folder, "addresses"), ranges: [[range]] };
  const bridge = { type: "bridge", bridge: BRIDGE, isGateway: true, ipam };
  const network = { cniVersion: "0.4.0", name: "test", plugins: [bridge] };
  await writeFile(path.join(folder, "cni/10-test.conflist"), JSON.stringify(network));
  context.after(() => runCommand("ip", ["link", "delete", BRIDGE]).catch(() => undefined));
  const config = path.join(folder, "containerd.toml");
  await background(context, folder, "containerd", ["--config", config], "containerd");
  const ctr = ["--address", socket, "--namespace", "k8s.io"];
  await eventually("containerd answers", () => spawnSync("ctr", [...ctr, "version"]).status === 0);
  for (const archive of await images(folder)) {
    await runCommand("ctr", [...ctr, "images", "import", archive]);
  }
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
  return {
    folder,
    logs,
    processOf(containerId) {
      const { stdout } = spawnSync("ctr", [...ctr, "tasks", "list"], { encoding: "utf8" });
      const id = containerId.replace("containerd://", "");
      const row = stdout.split("\n").find((line) => line.startsWith(id));
      const pid = Number(row?.split(/\s+/)[1]);
      if (!(pid > 0)) throw new Error(`no process of ${containerId} in:\n${stdout}`);
      return pid;
    },
  };
}

/** Takes off what the kubelet and containerd have mounted in there, the deepest first. */
async function unmount(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n");
  const points = mounts.map((line) => line.split(" ")[1] ?? "");
  for (const point of points.filter((one) => one.startsWith(`${folder}/`)).toReversed()) {
    await runCommand("umount", ["--lazy", point]);
  }
}

/** Archives of the images of a pod: what the programs in them are linked with, and nothing else. */
async function images(folder: string): Promise<readonly string[]> {
  const root = path.join(folder, "image");
  await mkdir(path.join(root, "tmp"), { recursive: true });
  const programs = ["sh", "curl", "cat", "sleep"].map((name) => path.join("/bin", name));
  for (const program of [...programs, HOST_BINARY]) {
    const linked = await outputOf("ldd", [program]);
    const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library ?? "");
    await runCommand("cp", ["--parents", "--dereference", ...libraries, root]);
    await mkdir(path.join(root, "usr/bin"), { recursive: true });
    const name = program === HOST_BINARY ? "clef-agent" : path.basename(program);
    await copyFile(program, path.join(root, "usr/bin", name));
  }
  const common = "FROM scratch\nCOPY . /\nENV PATH=/usr/bin\n";
  const files = [
    [IMAGE, `${common}USER 65532:65532\nENTRYPOINT ["clef-agent"]\nCMD ["run"]\n`],
    [PAUSE, `${common}ENTRYPOINT ["sleep", "infinity"]\n`],
  ] as const;
  const archives: string[] = [];
  for (const [tag, text] of files) {
    const name = tag.replaceAll(/\W/g, "-");
    const dockerfile = path.join(folder, `${name}.Dockerfile`);
    const archive = path.join(folder, `${name}.tar`);
    await writeFile(dockerfile, text);
    await outputOf("buildah", [...BUILDAH, "build", "--tag", tag, "--file", dockerfile, root]);
    await outputOf("buildah", [...BUILDAH, "push", tag, `docker-archive:${archive}:${tag}`]);
    await outputOf("buildah", [...BUILDAH, "rmi", "--force", tag]);
    archives.push(archive);
  }
  return archives;
}

function containerdConfig(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/containerd"
state = "${folder}/state"
oom_score = 0
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${folder}/cni"
`;
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
