import { rename, writeFile } from "node:fs/promises";

/** Puts another file in its place in one moment, as whoever replaces an artifact or a key does. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
