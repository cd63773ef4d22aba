/** Test files that run several in one process: starting one for each would cost more than what they do. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./run.ts";

/** What runs so, because it leaves its process as it found it. */
const FOLDERS = ["unit", "property"].map((name) => path.join("test", name) + path.sep);
/** How many processes there are for them. */
const PROCESSES = 6;

/**
 * The files to give to `node --test` in the place of these: as they are, apart from those of test/unit/
 * and test/property/, which files made in `directory` load.
 */
export async function together(
  files: readonly string[],
  directory: string,
): Promise<readonly string[]> {
  const joined = files.filter((file) => FOLDERS.some((folder) => file.startsWith(folder)));
  if (joined.length <= PROCESSES) return files;
  const size = Math.ceil(joined.length / PROCESSES);
  const loading = Array.from({ length: PROCESSES }, async (_, index) => {
    const loader = path.join(directory, `together-${index + 1}.mjs`);
    // Neighbours load the same parts of the agent.
    const mine = joined.slice(index * size, (index + 1) * size);
    const lines = mine.map((file) => `import ${JSON.stringify(urlOf(file))};\n`);
    await writeFile(loader, lines.join(""));
    return loader;
  });
  return [...files.filter((file) => !joined.includes(file)), ...(await Promise.all(loading))];
}

function urlOf(file: string): string {
  return pathToFileURL(path.resolve(ROOT, file)).href;
}
