import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";

const WRITE_BY_OTHERS = 0o002;
const STICKY = 0o1000;

/**
 * Who besides this user and root may change what a path leads to: by its mode, by its owner, or by the
 * directory it is in. The root of a mounted volume is passed over, since who shares a volume is decided
 * by who mounts it, and an `emptyDir` of Kubernetes is always open to all.
 *
 * @returns words for a message; undefined if nobody may, nothing is there, or the platform has no owners.
 */
export async function exposedPath(path: string): Promise<string | undefined> {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  const target = await realpath(path).catch(() => undefined);
  if (target !== undefined) {
    const stats = await stat(target);
    if (isForeign(stats, user)) return "belongs to another user";
    if (isOpen(stats) && !(await isMountPoint(target, stats))) return "may be written by any user";
  }
  for (const directory of new Set([
    dirname(path),
    ...(target === undefined ? [] : [dirname(target)]),
  ])) {
    // oxlint-disable-next-line no-await-in-loop -- two at most, and the first one found is told
    const stats = await stat(directory).catch(() => undefined);
    if (stats === undefined) continue;
    if (isForeign(stats, user)) return "is in a directory that belongs to another user";
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (isOpen(stats) && !(await isMountPoint(directory, stats))) {
      return "is in a directory in which any user may replace it";
    }
  }
  return undefined;
}

function isForeign({ uid }: Stats, user: number): boolean {
  return uid !== 0 && uid !== user;
}

/** In a sticky directory only owners replace what is theirs. */
function isOpen(stats: Stats): boolean {
  const sticky = stats.isDirectory() && (stats.mode & STICKY) !== 0;
  return (stats.mode & WRITE_BY_OTHERS) !== 0 && !sticky;
}

async function isMountPoint(path: string, stats: Stats): Promise<boolean> {
  return stats.isDirectory() && (await stat(dirname(path))).dev !== stats.dev;
}
