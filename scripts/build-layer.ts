/**
 * Builds the layer that makes the agent an extension of a Lambda function: the executable for Linux as
 * extensions/clef-agent, which Lambda unpacks to /opt and starts.
 *
 *   npm run build:layer                            for this machine's kind of processor
 *   npm run build:layer -- --target linux-arm64    for another one; may be given several times
 *
 *   dist/layer/clef-agent-layer-<arch>.zip
 *   dist/layer/SHA256SUMS
 *
 * The same executable gives the same bytes: times, modes, order and names are fixed.
 */
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import yazl from "yazl";
import { sha256 } from "./binary/node-executable.ts";
import { binaryName, TARGETS, type Target } from "./binary/targets.ts";
import { buildBinaries } from "./build-binary.ts";
import { ROOT } from "./run.ts";

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

/** Path of the layer that `buildLayers` writes for this architecture, as Node.js calls it. */
export function layerPath(arch: string): string {
  return path.join(LAYERS, `clef-agent-layer-${arch}.zip`);
}

/** Builds the executables of these targets, and of each one its layer. */
export async function buildLayers(targets: readonly Target[]): Promise<void> {
  await buildBinaries(targets);
  await mkdir(LAYERS, { recursive: true });
  for (const { name } of targets) {
    const files = await layerFiles(name);
    const file = layerPath(archOf(name));
    await writeFile(`${file}.new`, await layerOf(files));
    await rename(`${file}.new`, file);
  }
  await writeSums();
}

/** What goes into the layer of a target whose executable is built. */
export async function layerFiles(target: string): Promise<readonly LayerFile[]> {
  const executable = path.join(DIST, "bin", binaryName(target));
  const licence = path.join(ROOT, "LICENSE");
  const others = path.join(DIST, "THIRD-PARTY-LICENSES.txt");
  return [
    { name: "extensions/clef-agent", mode: 0o100755, contents: await readFile(executable) },
    { name: "share/clef-agent/LICENSE", mode: 0o100644, contents: await readFile(licence) },
    {
      name: "share/clef-agent/THIRD-PARTY-LICENSES.txt",
      mode: 0o100644,
      contents: await readFile(others),
    },
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

function chosen(names: readonly string[]): readonly Target[] {
  return names.map((name) => {
    const target = TARGETS.find((one) => one.name === name && name.startsWith("linux-"));
    if (target !== undefined) return target;
    throw new Error(`there is no layer for ${name}; Lambda runs linux-x64 and linux-arm64`);
  });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { target: { type: "string", multiple: true, default: [`linux-${process.arch}`] } },
  });
  const targets = chosen(values.target);
  await buildLayers(targets);
  for (const { name } of targets) {
    const file = layerPath(archOf(name));
    const { length } = await readFile(file);
    console.log(`${(length / 1024 / 1024).toFixed(1)} MiB  ${path.relative(ROOT, file)}`);
  }
}
