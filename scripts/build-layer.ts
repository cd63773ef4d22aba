/**
 * Builds the layer that makes the agent an extension of a Lambda function: the executable for Linux as
 * extensions/clef-agent, which Lambda unpacks to /opt and starts, and lib/libatomic.so.1, which not every
 * runtime has. It is the one of this machine unless --libatomic names another.
 *
 *   npm run build:layer                            for this machine's kind of processor
 *   npm run build:layer -- --target linux-arm64 --libatomic FILE    for another one
 *
 *   dist/layer/clef-agent-lambda-<arch>.zip
 *   dist/layer/SHA256SUMS
 *
 * The same executable and the same libatomic give the same bytes: times, modes, order and names are fixed.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import yazl from "yazl";
import {
  libatomicHere,
  LIBATOMIC_NAME,
  libatomicProblem,
  thirdPartyLicensesWithLibatomic,
} from "./binary/libatomic.ts";
import { sha256 } from "./binary/node-executable.ts";
import { binaryName, TARGETS, type Target } from "./binary/targets.ts";
import { buildBinaries } from "./build-binary.ts";
import { ROOT, runScript } from "./run.ts";

const DIST: string = path.join(ROOT, "dist");
const LAYERS: string = path.join(DIST, "layer");

export interface LayerFile {
  /** Below /opt. */
  readonly name: string;
  readonly mode: number;
  readonly contents: Buffer;
}

/** The bytes of a layer with these files, in their order. */
export async function layerOf(files: readonly LayerFile[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  // Any time will do, in local time, which is what a ZIP file stores.
  const mtime = new Date(2000, 0, 1);
  for (const { name, mode, contents } of files) {
    // The other form of a time has a time zone in it.
    zip.addBuffer(contents, name, { mode, mtime, forceDosTimestamp: true });
  }
  zip.end();
  return buffer(zip.outputStream);
}

/** Path of the layer that is written for this architecture, as Node.js calls it. */
function layerPath(arch: string): string {
  return path.join(LAYERS, `clef-agent-lambda-${arch}.zip`);
}

/** Builds the executable of the target and its layer. */
async function buildLayer(target: Target, libatomic: string | undefined): Promise<void> {
  await buildBinaries([target]);
  await mkdir(LAYERS, { recursive: true });
  const file = layerPath(archOf(target.name));
  await writeFile(`${file}.new`, await layerOf(await layerFiles(target.name, libatomic)));
  await rename(`${file}.new`, file);
  await writeSums();
}

/**
 * What goes into the layer of a target whose executable is built, with the libatomic at this path, or
 * undefined for that of this machine.
 *
 * @throws Error if there is no such library, or it is none that Lambda could load.
 */
export async function layerFiles(
  target: string,
  libatomic?: string,
): Promise<readonly LayerFile[]> {
  const executable = path.join(DIST, "bin", binaryName(target));
  const libraryPath = libatomic ?? (await libatomicHere(target, executable));
  const library = await readFile(libraryPath);
  const problem = libatomicProblem(library, target);
  if (problem !== undefined) throw new Error(`${libraryPath} ${problem}`);
  const file = { mode: 0o100644 };
  const licence = await readFile(path.join(ROOT, "LICENSE"));
  const others = Buffer.from(await thirdPartyLicensesWithLibatomic());
  return [
    { name: "extensions/clef-agent", mode: 0o100755, contents: await readFile(executable) },
    { name: `lib/${LIBATOMIC_NAME}`, mode: 0o100755, contents: library },
    { name: "share/clef-agent/LICENSE", ...file, contents: licence },
    { name: "share/clef-agent/THIRD-PARTY-LICENSES.txt", ...file, contents: others },
  ];
}

async function writeSums(): Promise<void> {
  const names = (await readdir(LAYERS)).filter((name) => name.endsWith(".zip")).toSorted();
  const lines: string[] = [];
  for (const name of names) {
    lines.push(`${await sha256(path.join(LAYERS, name))}  ${name}\n`);
  }
  await writeFile(path.join(LAYERS, "SHA256SUMS"), lines.join(""));
}

function archOf(target: string): string {
  return target.slice("linux-".length);
}

function chosen(name: string): Target {
  const target = TARGETS.find((one) => one.name === name && name.startsWith("linux-"));
  if (target !== undefined) return target;
  throw new Error(`there is no layer for ${name}; Lambda runs linux-x64 and linux-arm64`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: "string", default: `linux-${process.arch}` },
      libatomic: { type: "string" },
    },
  });
  const target = chosen(values.target);
  await buildLayer(target, values.libatomic);
  const file = layerPath(archOf(target.name));
  const { length } = await readFile(file);
  console.log(`${(length / 1024 / 1024).toFixed(1)} MiB  ${path.relative(ROOT, file)}`);
}

if (import.meta.main) await runScript(main);
