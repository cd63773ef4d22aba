import { chown, copyFile, mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { LIBATOMIC_NAME } from "../../../scripts/binary/libatomic.ts";
import { BUILDAH, buildImage, layContext } from "../../../scripts/build-image.ts";
import { HOST_BINARY } from "../../../scripts/build-binary.ts";
import { outputOf, runCommand } from "../../../scripts/run.ts";
import type { CommandLine } from "../agent-process.ts";
import type { Engine } from "../containers/engine.ts";
import { type Lifetime, temporaryDirectory } from "../temporary.ts";

/** Of this process alone, as what buildah keeps is the machine's. */
const TAG = `localhost/clef-agent-test-${process.pid}`;
const BASE = `${TAG}-base`;
/** An image that has libatomic and nothing else. */
const LIBATOMIC = `${TAG}-libatomic`;
/** Where the deployments mount a volume. */
const VOLUME = "/run/clef-agent";

/** What a container engine reads from the image. */
export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopSignal: string;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** Why no image can be built and run here, or undefined where it can. */
export async function whyNoImage(): Promise<string | undefined> {
  if (process.platform !== "linux") return "images are built on Linux";
  if (process.getuid?.() !== 0) return "the image is run with mounts, which needs root";
  const missing = await buildah("--version").then(
    () => undefined,
    () => "buildah is not installed (package buildah)",
  );
  if (missing !== undefined) return missing;
  const works = await runCommand("unshare", ["--mount", "true"]).then(
    () => true,
    () => false,
  );
  return works ? undefined : "no mount namespace can be made here";
}

/**
 * The image, built from the executable in dist/bin on a base of nothing but the libraries of this
 * machine without libatomic, as the distroless one is, and run by what an engine would do: its user, its environment, its entry point, a root
 * that cannot be written to, and one volume.
 */
export class Image {
  readonly config: ImageConfig;
  readonly #root: string;

  private constructor(config: ImageConfig, root: string) {
    this.config = config;
    this.#root = root;
  }

  static async build(context: Lifetime): Promise<Image> {
    await buildByBuildah(context);
    const container = (await buildah("from", "--pull-never", TAG)).trim();
    context.after(async () => void (await buildah("rm", container)));
    const inspected = JSON.parse(await buildah("inspect", "--type=image", TAG)) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    const root = (await buildah("mount", container)).trim();
    await mkdir(path.join(root, VOLUME), { recursive: true });
    return new Image(inspected.Docker.config, root);
  }

  /** Runs its entry point, with `volume` where the deployments have theirs. */
  command(volume: string): CommandLine {
    const { User: user, Entrypoint: entrypoint } = this.config;
    const script = [
      'mount --bind "$0" "$0"',
      `mount --bind "$1" "$0${VOLUME}"`,
      'mount -o remount,bind,ro "$0"',
      'user="$2"; shift 2; exec chroot --userspec="$user" "$0" "$@"',
    ].join(" && ");
    const shell = ["sh", "-c", script, this.#root, volume, user, ...entrypoint] as const;
    return ["unshare", "--mount", "--propagation=private", ...shell];
  }

  /** A volume that its user may write to. */
  async volume(t: TestContext): Promise<{ readonly path: string; readonly inside: string }> {
    const folder = await temporaryDirectory(t);
    const [uid = 0, gid = 0] = this.config.User.split(":").map(Number);
    await chown(folder, uid, gid);
    return { path: folder, inside: VOLUME };
  }
}

async function buildByBuildah(context: Lifetime): Promise<void> {
  context.after(() => buildah("rmi", "--force", TAG, BASE, LIBATOMIC));
  await buildBases(context, (...args) => buildah("build", ...args));
  await layContext();
  await buildImage({ tag: TAG, base: BASE, libatomic: LIBATOMIC, engine: "buildah" });
}

/** The image that buildah has built, given to a Docker engine. */
export async function loadTestImage(context: Lifetime, engine: Engine): Promise<string> {
  await buildByBuildah(context);
  const name = `${TAG}-by-buildah:latest`;
  const archive = path.join(await temporaryDirectory(context), "image.tar");
  await buildah("push", TAG, `docker-archive:${archive}:${name}`);
  engine.does("load", "--input", archive);
  return name;
}

/** The image, built by a Docker engine on the same base. */
export async function buildTestImage(context: Lifetime, engine: Engine): Promise<string> {
  await buildBases(context, (...args) => engine.does("build", ...args));
  await layContext();
  // The script's own client finds the engine as any other does.
  const before = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = engine.env["DOCKER_HOST"];
  context.after(() => {
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
  });
  await buildImage({ tag: TAG, base: BASE, libatomic: LIBATOMIC, engine: "docker" });
  return TAG;
}

/**
 * A base of this machine's libraries: what the executable is linked with, and what resolves names. All
 * but libatomic, which is in an image of its own, where Debian has it.
 */
async function buildBases(
  context: Lifetime,
  build: (...args: readonly string[]) => unknown,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-base-"));
  context.after(async () => runCommand("rm", ["-rf", folder]));
  const linked = await outputOf("ldd", [HOST_BINARY]);
  const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library ?? "");
  const isLibatomic = (library: string): boolean => path.basename(library) === LIBATOMIC_NAME;
  const base = path.join(folder, "base");
  await mkdir(path.join(base, "tmp"), { recursive: true });
  const others = libraries.filter((library) => !isLibatomic(library));
  await runCommand("cp", ["--parents", "--dereference", ...others, base]);
  await buildFrom(base, BASE, build);
  const triplet = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const debian = path.join(folder, "libatomic/usr/lib", triplet);
  await mkdir(debian, { recursive: true });
  const library = libraries.find((one) => isLibatomic(one));
  if (library === undefined) throw new Error("the executable is not linked with libatomic");
  await copyFile(library, path.join(debian, `${LIBATOMIC_NAME}.2.0`));
  await symlink(`${LIBATOMIC_NAME}.2.0`, path.join(debian, LIBATOMIC_NAME));
  await buildFrom(path.join(folder, "libatomic"), LIBATOMIC, build);
}

async function buildFrom(
  root: string,
  tag: string,
  build: (...args: readonly string[]) => unknown,
): Promise<void> {
  const file = `${root}.Dockerfile`;
  await writeFile(file, "FROM scratch\nCOPY . /\n");
  await build("--tag", tag, "--file", file, root);
}

function buildah(...args: readonly string[]): Promise<string> {
  return outputOf("buildah", [...BUILDAH, ...args]);
}
