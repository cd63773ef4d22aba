import { readFile } from "node:fs/promises";
import path from "node:path";
import { build as bundle, type Plugin } from "esbuild";
import { bundleOptions } from "../build.ts";
import { ROOT } from "../run.ts";
import type { Mutant } from "./mutants.ts";

/**
 * Builds the agent with one text of its source replaced.
 *
 * @returns the path of its entry point.
 * @throws Error where the text does not stand exactly once in its file.
 */
export async function buildMutant(mutant: Mutant, folder: string): Promise<string> {
  const source = await mutate(mutant);
  const whole = path.join(ROOT, mutant.file);
  const plugin: Plugin = {
    name: "mutant",
    setup(build) {
      build.onLoad({ filter: /\.ts$/, namespace: "file" }, (file) =>
        file.path === whole ? { contents: source, loader: "ts" } : undefined,
      );
    },
  };
  await bundle({
    ...bundleOptions,
    plugins: [plugin, ...bundleOptions.plugins],
    entryPoints: ["src/main.ts"],
    outdir: folder,
    // A folder without a package.json, so the name has to say what it is.
    outExtension: { ".js": ".mjs" },
    sourcemap: false,
  });
  return path.join(folder, "main.mjs");
}

/** @throws Error where the text does not stand exactly once in its file. */
export async function mutate({ name, file, find, replace }: Mutant): Promise<string> {
  const source = await readFile(path.join(ROOT, file), "utf8");
  const [before, after, more] = source.split(find);
  if (before === undefined || after === undefined || more !== undefined) {
    throw new Error(`mutant "${name}": its text does not stand once in ${file}`);
  }
  return before + replace + after;
}
