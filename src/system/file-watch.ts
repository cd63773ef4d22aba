import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { WATCH_POLL_MS, WATCH_SETTLE_MS } from "../limits.ts";
import { fileIdentity } from "./file-identity.ts";

/**
 * Calls `onChange` soon after the file at `path` became another one: written in place, replaced by
 * rename, or reached through a symlink that was swapped, as Kubernetes swaps `..data`. The file may
 * come, go and come back. A slow poll stands behind the events, which some file systems never send.
 * Errors of the watch itself are left to that poll.
 *
 * @returns once the file's present state is noted: whatever comes after it is a change.
 */
export async function watchFile(
  path: string,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const watchers = new Map<string, FSWatcher>();
  let seen: string | undefined;
  let settling: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const identity = await fileIdentity(path);
    if (signal.aborted) return;
    watchDirectories([
      dirname(path),
      ...(identity === undefined ? [] : [dirname(identity.target)]),
    ]);
    const key = identity?.key ?? "";
    const changed = seen !== undefined && seen !== key;
    seen = key;
    if (changed) onChange();
  };

  const settle = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      void look();
    }, WATCH_SETTLE_MS);
  };

  function watchDirectories(wanted: readonly string[]): void {
    for (const [directory, watcher] of watchers) {
      if (wanted.includes(directory)) continue;
      watcher.close();
      watchers.delete(directory);
    }
    for (const directory of wanted) {
      if (watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, { persistent: false }, settle);
        watcher.on("error", () => {
          watcher.close();
          watchers.delete(directory);
        });
        watchers.set(directory, watcher);
      } catch {
        // The directory does not exist yet, or cannot be watched; the poll tries again.
      }
    }
  }

  const poll = setInterval(() => void look(), WATCH_POLL_MS);
  poll.unref();
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(poll);
      clearTimeout(settling);
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
    { once: true },
  );
  await look();
}
