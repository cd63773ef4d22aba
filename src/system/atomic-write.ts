import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemCode } from "../errors.ts";

/**
 * Replaces `path` by `data` so that a reader, or a crash at any instant, sees the old bytes or the
 * new ones and nothing between: temporary file beside it, fsync, rename, fsync of the directory.
 *
 * @throws the file system's own error; the temporary file is gone then.
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  mode: number,
): Promise<void> {
  await writeBeside(path, data, mode, asItIs);
}

const asItIs = (): Promise<void> => Promise.resolve();

async function writeBeside(
  path: string,
  data: string | Uint8Array,
  mode: number,
  prepare: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await prepare(file);
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/**
 * Replaces what a file holds and leaves its owner and mode: atomically, or where that is not allowed, as
 * for a file that is mounted or belongs to somebody else, by writing into it. Where only the folder may be
 * written to, a file that everybody may read is replaced by one of the caller's: nobody loses sight of it.
 *
 * @param path - of the file itself; a link would be replaced.
 * @throws the file system's own error.
 */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const { uid, gid, mode } = await stat(path);
  try {
    await writeBeside(path, data, 0o600, async (file) => {
      const made = await file.stat();
      // First the owner: a change of owner takes bits of the mode away.
      if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
      await file.chmod(mode & 0o7777);
    });
    return;
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
  try {
    await writeInto(path, data);
  } catch (error) {
    if (!isDenied(error) || (mode & 0o004) === 0) throw error;
    await writeBeside(path, data, 0o600, (file) => file.chmod(mode & 0o777));
  }
}

async function writeInto(path: string, data: string | Uint8Array): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.truncate();
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isDenied(error: unknown): boolean {
  return ["EPERM", "EACCES", "EBUSY"].includes(systemCode(error) ?? "");
}

/** Makes a rename last through a power cut, where the platform lets a directory be opened. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
