import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HOST } from "../../../scripts/binary/targets.ts";
import { layerFiles, layerOf } from "../../../scripts/build-layer.ts";
import { runCommand } from "../../../scripts/run.ts";
import { run } from "../interop.ts";
import { type Lifetime, temporaryDirectory } from "../temporary.ts";

/** Why no layer can be laid out here, or undefined where it can. */
export function whyNoLayer(): string | undefined {
  if (!HOST.startsWith("linux-")) return `there is no layer for ${HOST}`;
  return run("unzip", ["-v"]).status === 0 ? undefined : "unzip is not installed";
}

/** The layer of the executable that is built, unpacked as Lambda unpacks it to /opt. */
export async function unpackedLayer(lifetime: Lifetime): Promise<string> {
  const opt = await temporaryDirectory(lifetime);
  const layer = join(await temporaryDirectory(lifetime), "layer.zip");
  await writeFile(layer, await layerOf(await layerFiles(HOST)));
  await runCommand("unzip", ["-q", layer, "-d", opt]);
  return opt;
}
