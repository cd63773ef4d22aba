import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { systemCode } from "../errors.ts";

const OTHERS = 0o077;

/**
 * Makes the directory for this user alone, or closes it to others.
 *
 * @returns false if it stays open to others; see `closeToOthers`.
 */
export async function makePrivateDirectory(path: string, ours: RegExp): Promise<boolean> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return closeToOthers(path, ours);
}

/**
 * Closes a directory to others if nothing is in it but names that match `ours`. What others use stays
 * as it is: closing /tmp would break the machine.
 *
 * @returns false if it stays open to others; true too where no directory is.
 */
export async function closeToOthers(path: string, ours: RegExp): Promise<boolean> {
  try {
    if (((await stat(path)).mode & OTHERS) === 0) return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw error;
  }
  const names = await readdir(path);
  return names.every((name) => ours.test(name)) && (await close(path));
}

/** @returns false if this user may not. */
async function close(path: string): Promise<boolean> {
  try {
    await chmod(path, 0o700);
    return true;
  } catch {
    return false;
  }
}
