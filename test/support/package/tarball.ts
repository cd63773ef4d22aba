import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { outputOf, runCommand } from "../../../scripts/run.ts";

/** The package as npm would publish it. */
export interface Tarball {
  readonly file: string;
  readonly paths: readonly string[];
  /** A folder of its own in which it is installed. */
  readonly installed: string;
}

/** Packs it and installs it from the tarball, without any network. */
export async function packAndInstall(): Promise<Tarball> {
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-tarball-"));
  const output = await outputOf("npm", ["pack", "--json", "--pack-destination", folder]);
  const [packed] = JSON.parse(output.slice(output.indexOf("[\n"))) as readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  const file = path.join(folder, path.basename(packed.filename));
  const installed = path.join(folder, "installed");
  await mkdir(installed);
  await writeFile(path.join(installed, "package.json"), '{"private":true,"type":"module"}');
  await runCommand("npm", ["install", "--offline", "--loglevel=error", file], installed);
  return { file, paths: packed.files.map((one) => one.path), installed };
}
