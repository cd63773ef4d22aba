import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { HOST_BINARY } from "../../../scripts/build-binary.ts";
import { BUILDAH } from "../../../scripts/build-image.ts";
import { outputOf, runCommand } from "../../../scripts/run.ts";
import { eventually, type Lifetime } from "../temporary.ts";
import { background } from "./control-plane.ts";

/** The address of this machine for a pod. */
export const GATEWAY = "10.199.0.1";
/** The agent, and a shell with curl for the application. */
export const IMAGE = "localhost/clef-agent-test-pod:1";
const PAUSE = "localhost/clef-agent-test-pause:1";
const BRIDGE = "clef-test0";
const TEXT = { encoding: "utf8" } as const;

/** What runs containers for a kubelet. */
export interface Containerd {
  readonly socket: string;
  /** The first process of a running container, whose id a pod's status has. */
  readonly processOf: (containerId: string) => number;
}

/** Starts a containerd that has the images of pods, and a bridge for them; all that it keeps is in `folder`. */
export async function startContainerd(context: Lifetime, folder: string): Promise<Containerd> {
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
  context.after(() => {
    endContainers(socket);
  });
  const ctr = ["--address", socket, "--namespace", "k8s.io"];
  await eventually("containerd answers", () => spawnSync("ctr", [...ctr, "version"]).status === 0);
  for (const archive of await images(folder)) {
    await runCommand("ctr", [...ctr, "images", "import", archive]);
  }
  return {
    socket,
    processOf(containerId) {
      const { stdout } = spawnSync("ctr", [...ctr, "tasks", "list"], TEXT);
      const id = containerId.replace("containerd://", "");
      const row = stdout.split("\n").find((line) => line.startsWith(id));
      const pid = Number(row?.split(/\s+/)[1]);
      if (!(pid > 0)) throw new Error(`no process of ${containerId} in:\n${stdout}`);
      return pid;
    },
  };
}

/** Containers outlive a containerd, and so do the shims that hold them. */
function endContainers(socket: string): void {
  const { stdout } = spawnSync("pgrep", ["-f", `containerd-shim.* -address ${socket}`], TEXT);
  for (const shim of stdout.split("\n").filter(Boolean)) {
    const inside = spawnSync("pgrep", ["-P", shim], TEXT).stdout.split("\n").filter(Boolean);
    for (const pid of [...inside, shim]) killIfThere(Number(pid));
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Takes off what the kubelet and containerd have mounted in there, the last first. */
async function unmount(folder: string): Promise<void> {
  await eventually("nothing is mounted any more", async () => {
    const points = (await readFile("/proc/mounts", "utf8"))
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .filter((point) => point.startsWith(`${folder}/`));
    // One goes with another, or with the container that it was made for.
    for (const point of points.toReversed()) spawnSync("umount", ["--lazy", point]);
    return points.length === 0;
  });
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
