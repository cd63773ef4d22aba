import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Packed, packTarball } from "../../../scripts/pack-tarball.ts";
import { runCommand } from "../../../scripts/run.ts";

/** The package as npm would publish it. */
export interface Tarball extends Packed {
  /** A folder of its own in which it is installed. */
  readonly installed: string;
}

/** Packs it and installs it from the tarball, without any network. */
export async function packAndInstall(): Promise<Tarball> {
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-tarball-"));
  const given = process.env["CLEF_TEST_TARBALL"];
  // Packing builds, which two files of tests must not do at the same time.
  const { file, paths } =
    given === undefined ? await packTarball(folder) : (JSON.parse(given) as Packed);
  const installed = path.join(folder, "installed");
  await mkdir(installed);
  await writeFile(path.join(installed, "package.json"), '{"private":true,"type":"module"}');
  await runCommand("npm", ["install", "--offline", "--loglevel=error", file], installed);
  return { file, paths, installed };
}
