/**
 * Bundles the conformance suite into dist/conformance/: main.js, which is the command, one file for each
 * file of cases, whose names say the rules, and the specification that it cites. Nothing of the agent is in it.
 */
import { globSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { build as bundle } from "esbuild";
import { ROOT } from "./run.ts";

const DIST: string = path.join(ROOT, "dist");
const OUTPUT: string = path.join(DIST, "conformance");

/** Builds it apart, and puts it in its place as a whole. */
export async function buildConformance(): Promise<void> {
  await mkdir(DIST, { recursive: true });
  const folder = await mkdtemp(path.join(DIST, ".conformance-"));
  try {
    await bundle({
      absWorkingDir: ROOT,
      entryPoints: ["conformance/main.ts", ...globSync("conformance/cases/*/*.ts", { cwd: ROOT })],
      outbase: "conformance",
      outdir: folder,
      chunkNames: "chunks/[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node22",
      charset: "utf8",
      // It brings all that it needs, so a package here is a mistake.
      packages: "bundle",
      logLevel: "warning",
    });
    await copyFile(path.join(ROOT, "docs/specification.md"), path.join(folder, "specification.md"));
    await chmod(path.join(folder, "main.js"), 0o755);
    await rm(OUTPUT, { recursive: true, force: true });
    await rename(folder, OUTPUT);
    await chmod(OUTPUT, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
