/**
 * Builds the container image for this machine's architecture from deploy/docker/Dockerfile, with
 * docker if its engine answers, or else with buildah.
 *
 *   npm run build:image                               ghcr.io/clef-sh/agent:<version>
 *   npm run build:image -- --base IMAGE --tag TAG     on another base, under another name
 *   npm run build:image -- --libatomic IMAGE          with the libatomic of another image
 *   npm run build:image -- --context                  only dist/image, for a builder of your own
 */
import { copyFile, link, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { VERSION } from "../src/version.ts";
import { thirdPartyLicensesWithLibatomic } from "./binary/libatomic.ts";
import { binaryName, HOST, TARGETS } from "./binary/targets.ts";
import { buildBinaries } from "./build-binary.ts";
import { outputOf, ROOT, runCommand, runScript } from "./run.ts";

/** The context of the Dockerfile. */
const CONTEXT: string = path.join(ROOT, "dist/image");
const DOCKERFILE: string = path.join(ROOT, "deploy/docker/Dockerfile");
/** How the image's platforms are called, by the name of the target. */
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ["linux-x64", "amd64"],
  ["linux-arm64", "arm64"],
]);

export interface ImageOptions {
  readonly tag: string;
  /** Undefined is the base that the Dockerfile names. */
  readonly base?: string | undefined;
  /** The image whose libatomic is taken; undefined is the one that the Dockerfile names. */
  readonly libatomic?: string | undefined;
  /** Undefined is whichever is there. */
  readonly engine?: Engine | undefined;
}

type Engine = "docker" | "buildah";

/** What builds images here, or undefined. */
async function engineHere(): Promise<Engine | undefined> {
  for (const [engine, ...args] of [
    ["docker", "info"],
    ["buildah", "--version"],
  ] as const) {
    const answers = await runCommand(engine, args).then(
      () => true,
      () => false,
    );
    if (answers) return engine;
  }
  return undefined;
}

/**
 * Lays the context of the Dockerfile into dist/image: the executables that are in dist/bin, and the
 * licences.
 */
export async function layContext(): Promise<void> {
  await rm(CONTEXT, { recursive: true, force: true });
  for (const [target, architecture] of ARCHITECTURES) {
    const folder = path.join(CONTEXT, architecture);
    await mkdir(folder, { recursive: true });
    const binary = path.join(ROOT, "dist/bin", binaryName(target));
    await link(binary, path.join(folder, "clef-agent")).catch(ignoreMissing);
  }
  await copyFile(path.join(ROOT, "LICENSE"), path.join(CONTEXT, "LICENSE"));
  const others = path.join(CONTEXT, "THIRD-PARTY-LICENSES.txt");
  await writeFile(others, await thirdPartyLicensesWithLibatomic());
}

/** @throws Error if there is no engine, or it failed. */
export async function buildImage({ tag, base, libatomic, engine }: ImageOptions): Promise<void> {
  const architecture = ARCHITECTURES.get(HOST);
  if (architecture === undefined) throw new Error(`there is no image for ${HOST}; use Linux`);
  const args = {
    TARGETARCH: architecture,
    VERSION,
    REVISION: await revision(),
    ...(base === undefined ? {} : { BASE: base }),
    ...(libatomic === undefined ? {} : { LIBATOMIC: libatomic }),
  };
  const options = ["--file", DOCKERFILE, "--tag", tag];
  for (const [name, value] of Object.entries(args)) options.push("--build-arg", `${name}=${value}`);
  switch (engine ?? (await engineHere())) {
    case "docker":
      return runCommand("docker", ["build", ...options, CONTEXT]);
    case "buildah":
      // Its own format knows no health check.
      return runCommand("buildah", [...BUILDAH, "build", "--format=docker", ...options, CONTEXT]);
    case undefined:
      throw new Error("neither docker nor buildah is there; apt-get install buildah");
  }
}

/** Works in a container too, where nothing can be mounted over or isolated further. */
export const BUILDAH: readonly string[] = ["--storage-driver=vfs"];

async function revision(): Promise<string> {
  return outputOf("git", ["rev-parse", "HEAD"]).then(
    (output) => output.trim(),
    () => "unknown",
  );
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      base: { type: "string" },
      libatomic: { type: "string" },
      tag: { type: "string", default: `ghcr.io/clef-sh/agent:${VERSION}` },
      context: { type: "boolean", default: false },
    },
  });
  if (!values.context) await buildBinaries(TARGETS.filter(({ name }) => name === HOST));
  await layContext();
  if (values.context) return;
  await buildImage(values);
  console.log(`built ${values.tag}`);
}

if (import.meta.main) await runScript(main);
