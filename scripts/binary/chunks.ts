/** The bundle of dist/ as assets of a single executable. */
import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build as bundle, transform } from "esbuild";
import { ROOT } from "../run.ts";

/** Beside the chunks, the main script. */
export const MAIN = "main.cjs";

/**
 * Writes the main script and the chunks of dist/ into `folder`. The same dist/ gives the same bytes.
 *
 * @returns the names of the chunks.
 */
export async function writeChunks(dist: string, folder: string): Promise<readonly string[]> {
  await bundle({
    absWorkingDir: ROOT,
    entryPoints: ["scripts/binary/main.ts"],
    outfile: path.join(folder, MAIN),
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node26",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
  });
  const names = globSync(["main.js", "chunks/*.js"], { cwd: dist })
    .map((name) => name.replaceAll(path.sep, "/"))
    .toSorted();
  await mkdir(path.join(folder, "chunks"), { recursive: true });
  for (const name of names) {
    const source = await readFile(path.join(dist, name), "utf8");
    await writeFile(path.join(folder, name), await asFunction(source));
  }
  return names;
}

/** An ES module as one function expression of CommonJS, see chunk-loader.ts. */
async function asFunction(source: string): Promise<string> {
  const { code } = await transform(source, {
    format: "cjs",
    platform: "node",
    target: "node26",
    // What is imported lazily is a chunk, which no import of Node.js finds.
    supported: { "dynamic-import": false },
    define: { "import.meta.url": '"file:///clef-agent/main.js"' },
    // Next to all of it becomes ASCII, of which V8 keeps one byte for each character.
    charset: "ascii",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
  });
  return `(function(exports,require,module){${code.replace(/^\/\/# sourceMappingURL=.*$/m, "")}})`;
}
