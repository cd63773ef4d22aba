/** The package as npm would publish it, packed by npm, which builds all of it. */
import path from "node:path";
import { outputOf } from "./run.ts";

export interface Packed {
  readonly file: string;
  /** What is in it. */
  readonly paths: readonly string[];
}

/** @param folder - where the tarball is put. */
export async function packTarball(folder: string): Promise<Packed> {
  const output = await outputOf("npm", ["pack", "--json", "--pack-destination", folder]);
  const [packed] = JSON.parse(output.slice(output.indexOf("[\n"))) as readonly {
    readonly filename: string;
    readonly files: readonly { readonly path: string }[];
  }[];
  if (packed === undefined) throw new Error("npm packed nothing");
  return {
    file: path.join(folder, path.basename(packed.filename)),
    paths: packed.files.map((one) => one.path),
  };
}
