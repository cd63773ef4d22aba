import type { Directory } from "./directory.ts";
import { filesFailure } from "./failure.ts";
import { currentRevision, DATA, kindOf, nameOf } from "./layout.ts";
import { visibleLinks } from "./links.ts";

/** A revision holds files and directories of namespaces, and these hold files. */
const DEPTH = 2;

/**
 * Removes all that an agent put there but a lock: `..data` first, with which every file is gone for whoever
 * comes by its name, then the links beside it, then the files. What cannot be removed does not keep the
 * rest from it.
 *
 * @throws AgentError `files_…` if something is left.
 */
export function removeSet(root: Directory): void {
  attemptEach([
    () => {
      if (currentRevision(root) !== undefined) root.unlink(DATA);
    },
    () => attemptEach([...visibleLinks(root)].map((name) => () => root.unlink(name))),
    () => removeRevisions(root, undefined),
  ]);
}

/** The revisions of agents that ran as another user, which this one cannot take for its own. */
export function strayRevisions(root: Directory): readonly string[] {
  const user = process.geteuid?.();
  return root.list().filter((name) => {
    if (kindOf(name) !== "revision") return false;
    const stats = root.lstat(name);
    return stats?.isDirectory() === true && stats.uid !== (user ?? stats.uid);
  });
}

/**
 * Removes every revision but one, and what a killed agent left of others.
 *
 * @throws AgentError `files_…` if something is left.
 */
export function removeRevisions(root: Directory, keep: string | undefined): void {
  const kept = keep === undefined ? [] : [keep, nameOf(keep, "record")];
  attemptEach([
    () => {
      const own = root.list().filter((name) => kindOf(name) !== undefined && !kept.includes(name));
      attemptEach(own.map((name) => () => removeOwn(root, name)));
    },
  ]);
}

function removeOwn(root: Directory, name: string): void {
  switch (kindOf(name)) {
    case "revision": {
      removeTree(root, name, root, DEPTH);
      return;
    }
    case "record":
    case "new_record":
    case "new_link": {
      root.unlink(name);
      return;
    }
    case "lock":
    case undefined:
      return undefined;
  }
}

/**
 * Removes a directory that an agent made. Where another thing took its name nothing is removed: a link, a
 * file, what belongs to somebody else or lies on another file system.
 */
function removeTree(parent: Directory, name: string, root: Directory, depth: number): void {
  if (parent.lstat(name)?.isDirectory() !== true) return;
  const directory = parent.openDirectory(name);
  try {
    if (!directory.isOwn(root) || !directory.isIn(parent)) return;
    directory.allowChanges();
    for (const entry of directory.list()) {
      if (!directory.isIn(parent)) return;
      if (directory.lstat(entry)?.isDirectory() !== true) directory.unlink(entry);
      else if (depth > 1) removeTree(directory, entry, root, depth - 1);
    }
  } finally {
    directory.close();
  }
  parent.removeDirectory(name);
}

function attemptEach(steps: readonly (() => void)[]): void {
  let failed: { readonly error: unknown } | undefined;
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed !== undefined) throw filesFailure(failed.error, "removed");
}
