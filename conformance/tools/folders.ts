import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { World } from "../suite/world.ts";
import type { Environment } from "./agent.ts";

/** Where Linux has a file system in memory that everybody may write to. */
const MEMORY = "/dev/shm";

/** An empty folder in memory where there is such a thing, and the variables for files in it. */
export async function filesFolder(
  world: World,
): Promise<{ readonly folder: string; readonly env: Environment }> {
  const inMemory = existsSync(MEMORY);
  const folder = await world.directory(inMemory ? MEMORY : undefined);
  const allow = inMemory ? {} : { CLEF_AGENT_FILES_ON_DISK: "allow" };
  return { folder, env: { CLEF_AGENT_FILES_DIR: folder, ...allow } };
}

/** The text of a file; undefined where there is none. */
export function textOf(...parts: readonly string[]): Promise<string | undefined> {
  return readFile(path.join(...parts), "utf8").catch(() => undefined);
}

/** Every file below a folder, by its path, with its bytes. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const found = new Map<string, Buffer>();
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name);
    // One that is removed meanwhile is not there.
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes !== undefined) found.set(file, bytes);
  }
  return found;
}

export async function modeOf(file: string): Promise<string> {
  return ((await stat(file)).mode & 0o7777).toString(8).padStart(4, "0");
}
