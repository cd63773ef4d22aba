import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { ROOT } from "../run.ts";
import { instrument } from "./instrument.ts";

export interface FuzzBundle {
  /** The program of the loop, with the target in it. */
  readonly file: string;
  /** Where each branch that is counted stands, as file:line. */
  readonly places: readonly string[];
}

/** Bundles a target with the loop; what is in src/ counts its branches. */
export async function bundleTarget(name: string): Promise<FuzzBundle> {
  const places: string[] = [];
  const file = path.join(ROOT, "dist/fuzz", `${name}.js`);
  await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: `export { counters } from "./scripts/fuzz/counters.ts";
        import { target } from "./test/fuzz/targets/${name}.ts";
        import { fuzz } from "./scripts/fuzz/loop.ts";
        await fuzz(target);`,
      resolveDir: ROOT,
      loader: "ts",
    },
    outfile: file,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node26",
    logLevel: "warning",
    plugins: [
      {
        name: "count branches",
        setup(bundler) {
          bundler.onLoad({ filter: /[/\\]src[/\\].*\.ts$/ }, async (args) => {
            const code = await readFile(args.path, "utf8");
            const short = path.relative(ROOT, args.path);
            const next = (at: number): number =>
              places.push(`${short}:${code.slice(0, at).split("\n").length}`) - 1;
            return { contents: instrument(args.path, code, next), loader: "ts" };
          });
        },
      },
    ],
  });
  return { file, places };
}
