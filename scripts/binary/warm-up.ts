/**
 * Runs the agent from its chunks, as the single executable does, and writes the code caches of what
 * it loaded when it ends. Its environment is the agent's.
 *
 *   node warm-up.ts <folder of the chunks> <the agent's arguments>
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ChunkLoader } from "./chunk-loader.ts";

const [folder = "", ...args] = process.argv.slice(2);
process.argv = [process.execPath, process.execPath, ...args];

const loader = new ChunkLoader((name) => ({
  source: readFileSync(path.join(folder, name), "utf8"),
  codeCache: undefined,
}));
process.on("exit", () => {
  for (const [name, script] of loader.scripts) {
    writeFileSync(path.join(folder, `${name}.cache`), script.createCachedData());
  }
});
loader.load("main.js");
