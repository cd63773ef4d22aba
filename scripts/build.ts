/**
 * Bundles the agent into dist/. The same sources and lock file give the same bytes.
 *
 *   dist/clef-agent.js             the executable: checks the version of Node, then loads main.js
 *   dist/main.js, dist/chunks/     the bundle; what is imported lazily is loaded lazily
 *   dist/index.js, dist/types/     what the package exports, and its declaration files
 *   dist/conformance/              the suite that tries an agent from outside
 *   dist/client/                   the client for applications, minified, with nothing of the agent in it
 *   dist/THIRD-PARTY-LICENSES.txt  the licences of the packages inside the bundle
 */
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build as bundle, type BuildOptions, type BuildResult } from "esbuild";
import { buildConformance } from "./build-conformance.ts";
import { commonJsPlugins } from "./common-js.ts";
import { thirdPartyLicenses } from "./licenses.ts";
import { ROOT } from "./run.ts";
import { startPlugins } from "./start-path.ts";
import { buildTypes } from "./types.ts";

const DIST: string = path.join(ROOT, "dist");

/** Path of the executable that `build()` writes. */
export const EXECUTABLE: string = path.join(DIST, "clef-agent.js");

/** How the agent is bundled, wherever to. */
export const bundleOptions = {
  absWorkingDir: ROOT,
  entryNames: "[name]",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  mainFields: ["module", "main"],
  // Its build for Node is CommonJS, which asks for a `require` that an ES module has not.
  alias: { yaml: path.join(ROOT, "node_modules/yaml/browser/index.js") },
  // Names stay, so that a stack trace from the field can be read without the source map.
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [...startPlugins, ...commonJsPlugins],
  // V8 keeps one byte for each character of a file that is ASCII, and two where a single one is not.
  charset: "ascii",
  legalComments: "none",
} satisfies BuildOptions;

/** Builds dist/ without the types and returns the size of each file, by its path inside dist/. */
export async function build(): Promise<ReadonlyMap<string, number>> {
  const { outputFiles, metafile } = await bundle({
    ...bundleOptions,
    entryPoints: ["src/main.ts", "src/index.ts"],
    outdir: "dist",
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  const files = new Map<string, Uint8Array>();
  for (const file of [...outputFiles, ...(await bundleClient()).outputFiles])
    files.set(path.relative(DIST, file.path), file.contents);
  files.set("clef-agent.js", await readFile(path.join(ROOT, "scripts/launcher.mjs")));
  files.set("THIRD-PARTY-LICENSES.txt", Buffer.from(await thirdPartyLicenses(metafile)));

  await writeDist(files);
  return new Map([...files].map(([name, contents]) => [name, contents.byteLength]));
}

/** The client (contract, section 12). It has no map: at most 5 KB are read as they are. */
export async function bundleClient(): Promise<BuildResult<{ write: false; metafile: true }>> {
  return bundle({
    absWorkingDir: ROOT,
    entryPoints: { index: "src/client/index.ts", env: "src/exec/client-env.ts" },
    outdir: "dist/client",
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    // Nobody outside sees these.
    mangleProps: /^(?:tokenChanges|address|where|head|body|once)$/,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

/**
 * Makes dist/ hold these files and no others, without a moment in which a good file is missing.
 * What else is built has folders of its own in there.
 */
async function writeDist(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const folders = [DIST, path.join(DIST, "chunks"), path.join(DIST, "client")];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all(
    [...files].map(async ([name, contents]) => {
      const file = path.join(DIST, name);
      const before = await readFile(file).catch(() => undefined);
      // Somebody may be running what is there.
      if (before?.equals(contents) !== true) await writeFile(file, contents);
    }),
  );
  await chmod(EXECUTABLE, 0o755);
  const found = await Promise.all(
    folders.map((folder) => readdir(folder, { withFileTypes: true })),
  );
  const stale = found
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !files.has(path.relative(DIST, file)));
  await Promise.all(stale.map(async (file) => rm(file)));
}

if (import.meta.main) {
  const started = performance.now();
  const [sizes] = await Promise.all([build(), buildTypes(), buildConformance()]);
  let total = 0;
  for (const [name, size] of [...sizes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (name.endsWith(".map")) continue;
    total += size;
    console.log(`${(size / 1024).toFixed(1).padStart(9)} KiB  dist/${name}`);
  }
  const ms = Math.round(performance.now() - started);
  console.log(`${(total / 1024).toFixed(1).padStart(9)} KiB  in all, built in ${ms} ms`);
}
