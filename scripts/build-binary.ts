/**
 * Builds the agent as one executable that needs no Node.js: dist/bin/clef-agent-<os>-<arch>.
 *
 *   npm run build:binary                           for this machine
 *   npm run build:binary -- --target linux-arm64   for another one; may be given several times
 *   npm run build:binary -- --target all
 *
 * SHA256SUMS beside it has the sums of all that is there. What is built for another platform has no
 * code cache, and a macOS one must be signed on a Mac before it runs.
 */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { writeChunks, MAIN } from "./binary/chunks.ts";
import { writeCodeCaches } from "./binary/code-cache.ts";
import { nodeExecutable, sha256 } from "./binary/node-executable.ts";
import { binaryName, HOST, type Target, TARGETS } from "./binary/targets.ts";
import { build } from "./build.ts";
import { ROOT, runCommand, runScript } from "./run.ts";

const DIST: string = path.join(ROOT, "dist");
const BIN: string = path.join(DIST, "bin");

/** Path of the executable for this machine. */
export const HOST_BINARY: string = path.join(BIN, binaryName(HOST));

/** Builds dist/ and, of it, the executables of these targets. */
export async function buildBinaries(targets: readonly Target[]): Promise<void> {
  await build();
  await mkdir(BIN, { recursive: true });
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-binary-"));
  try {
    const chunks = await writeChunks(DIST, folder);
    if (targets.some(({ name }) => name === HOST)) await writeCodeCaches(folder, chunks);
    for (const target of targets) await buildBinary(target, folder, chunks);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  await writeSums();
}

async function buildBinary(
  target: Target,
  folder: string,
  chunks: readonly string[],
): Promise<void> {
  const isHost = target.name === HOST;
  const assets = isHost ? chunks.flatMap((name) => [name, `${name}.cache`]) : chunks;
  const output = path.join(BIN, binaryName(target.name));
  const config = {
    main: MAIN,
    executable: await nodeExecutable(target),
    output: `${output}.new`,
    disableExperimentalSEAWarning: true,
    // V8 takes a code cache only from its own kind.
    useCodeCache: isHost,
    // Nobody but this file says how Node.js runs: no NODE_OPTIONS.
    execArgv: [withoutInspector(target)],
    execArgvExtension: "none",
    assets: Object.fromEntries(assets.map((name) => [name, name])),
  };
  await writeFile(path.join(folder, "sea-config.json"), JSON.stringify(config));
  await runCommand(process.execPath, ["--build-sea", "sea-config.json"], folder);
  await chmod(`${output}.new`, 0o755);
  // One that is running keeps its file.
  await rename(`${output}.new`, output);
}

/**
 * What keeps the inspector closed from the first moment, before `src/main.ts` takes SIGUSR1. The switch made for
 * that would keep the signal from `exec` too, which passes it on; so the inspector is given a place where no
 * system lets it listen, a link-local address without an interface. On Windows, which has no such signal, the
 * inspector is woken by another way, that nobody can take.
 */
function withoutInspector({ name }: Target): string {
  return name.startsWith("win32") ? "--disable-sigusr1" : "--inspect-port=[fe80::1]:9229";
}

async function writeSums(): Promise<void> {
  const names = (await readdir(BIN)).filter((name) => name.startsWith("clef-agent-")).toSorted();
  const lines = await Promise.all(
    names.map(async (name) => `${await sha256(path.join(BIN, name))}  ${name}\n`),
  );
  await writeFile(path.join(BIN, "SHA256SUMS"), lines.join(""));
}

function chosen(names: readonly string[]): readonly Target[] {
  if (names.includes("all")) return TARGETS;
  return names.map((name) => {
    const target = TARGETS.find((one) => one.name === name);
    if (target !== undefined) return target;
    const known = TARGETS.map((one) => one.name).join(", ");
    throw new Error(`there is no target ${name}; there are ${known}, and all`);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { target: { type: "string", multiple: true, default: [HOST] } },
  });
  const targets = chosen(values.target);
  await buildBinaries(targets);
  for (const { name } of targets) {
    const { size } = await stat(path.join(BIN, binaryName(name)));
    console.log(`${(size / 1024 / 1024).toFixed(1)} MiB  dist/bin/${binaryName(name)}`);
  }
}

if (import.meta.main) await runScript(main);
