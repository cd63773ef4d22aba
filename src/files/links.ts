import type { Directory } from "./directory.ts";
import { foreignName } from "./failure.ts";
import { currentRevision, DATA, nameOf } from "./layout.ts";

/** What a visible link says. */
function visibleTarget(name: string): string {
  return `${DATA}/${name}`;
}

/** Whether `name` is a link that an agent made. */
function isVisibleLink(root: Directory, name: string): boolean {
  return root.readLink(name) === visibleTarget(name);
}

/** The names that readers find beside `..data`. */
export function visibleLinks(root: Directory): ReadonlySet<string> {
  return new Set(root.list().filter((name) => isVisibleLink(root, name)));
}

/** Makes `..data` lead to a revision, in one step for whoever reads. Nothing is replaced but a link. */
export function pointTo(root: Directory, revision: string): void {
  if (currentRevision(root) === undefined) {
    root.link(revision, DATA);
    return;
  }
  const link = nameOf(revision, "new_link");
  root.link(revision, link);
  root.rename(link, DATA);
}

/** Links for these names, and for no others. */
export function setLinks(root: Directory, names: ReadonlySet<string>): void {
  for (const name of names) {
    if (!isVisibleLink(root, name)) root.link(visibleTarget(name), name);
  }
  removeLinks(root, names);
}

/** Removes the links for all other names. */
export function removeLinks(root: Directory, keep: ReadonlySet<string>): void {
  for (const name of visibleLinks(root)) if (!keep.has(name)) root.unlink(name);
}

/**
 * Finishes what an agent that was killed had begun: the links to the revision that readers see. What is in
 * the way stays; the next set will tell of it.
 *
 * @returns whether there is such a revision, and it is the agent's own.
 */
export function finishLinks(root: Directory, revision: string): boolean {
  try {
    const directory = root.openDirectory(revision);
    try {
      if (!directory.isOwn(root)) return false;
      const free = (name: string): boolean =>
        root.lstat(name) === undefined || isVisibleLink(root, name);
      setLinks(root, new Set(directory.list().filter(free)));
      return true;
    } finally {
      directory.close();
    }
  } catch {
    return false;
  }
}

/** @throws AgentError `files_foreign` if what the agent did not make has a name that it needs. */
export function refuseForeign(root: Directory, names: ReadonlySet<string>): void {
  if (root.lstat(DATA) !== undefined && currentRevision(root) === undefined) {
    throw foreignName(DATA);
  }
  for (const name of names) {
    if (root.lstat(name) !== undefined && !isVisibleLink(root, name)) throw foreignName(name);
  }
}
