import { scrubRegisters } from "../system/scrub-registers.ts";
import { type Directory, MovedError } from "./directory.ts";
import { filesFailure } from "./failure.ts";
import type { SetFile } from "./file-set.ts";
import { currentRevision, DATA, nameOf, newOwnName } from "./layout.ts";
import { pointTo, refuseForeign, removeLinks, setLinks, visibleLinks } from "./links.ts";
import { removeRevisions } from "./remover.ts";
import { type FileOptions, writeFile, writeFiles } from "./write-files.ts";

export interface WriteOptions extends FileOptions {
  readonly root: Directory;
  readonly files: readonly SetFile[];
  /** What the agent notes of this revision, beside it. */
  readonly record: (revision: string) => string;
}

/**
 * Puts a set of files in the place of the one before, so that a reader through `..data` sees the one or
 * the other (contract, section 9). The steps are those of kubelet's atomic writer:
 *
 * 1. What is not the agent's and lies in the way is an error, before anything is touched.
 * 2. What is left of older revisions than the current one is removed, so that at most two take up space.
 * 3. The record of the new revision is written, then the directory beside it is made, which only its owner
 *    can enter.
 * 4. Every file is made in it, with its content, group and mode; then the directories get theirs.
 * 5. A link to it is made under a name of its own and renamed to `..data`: from here on readers see the
 *    new set.
 * 6. Links for new names are made, and those of gone names removed.
 *
 * The revision before stays for whoever is just reading it, until `removeRevisions` or the next set. If a
 * step fails, those before it are undone.
 *
 * @returns the name of the new revision.
 * @throws AgentError `files_…`; readers see the old set then.
 */
export function writeSet(options: WriteOptions): string {
  const { root, files } = options;
  const revision = newOwnName();
  const names = new Set(files.map(({ path: [top] }) => top));
  let undo = (): void => undefined;
  try {
    refuseForeign(root, names);
    const before = currentRevision(root);
    const linked = visibleLinks(root);
    removeOlder(root, before);
    undo = () => putBack(root, revision, before, linked);
    writeRecord(root, revision, options);
    const made = root.makeDirectory(revision);
    try {
      writeFiles(made, files, options);
      if (!made.isIn(root)) throw new MovedError();
    } finally {
      made.close();
    }
    pointTo(root, revision);
    setLinks(root, names);
    if (options.sync) root.sync();
    return revision;
  } catch (error) {
    undo();
    throw filesFailure(error, "written");
  } finally {
    scrubRegisters();
  }
}

/** What cannot be removed must not keep a new set from coming; whoever removes the last one tells. */
function removeOlder(root: Directory, keep: string | undefined): void {
  try {
    removeRevisions(root, keep);
  } catch {
    // It takes up space and nothing more.
  }
}

/** Replaces the record of a revision that is there. @throws the file system's own error. */
export function writeRecord(
  root: Directory,
  revision: string,
  options: Pick<WriteOptions, "record"> & FileOptions,
): void {
  const temporary = nameOf(revision, "new_record");
  root.unlink(temporary);
  const text = Buffer.from(options.record(revision));
  writeFile(root, temporary, text, { ...options, mode: 0o600 });
  root.rename(temporary, nameOf(revision, "record"));
}

/** Readers see what they saw before, and what was made is removed, as far as it can be. */
function putBack(
  root: Directory,
  revision: string,
  before: string | undefined,
  linked: ReadonlySet<string>,
): void {
  try {
    // First, as it makes room for the link to the revision before.
    removeLinks(root, linked);
    if (currentRevision(root) === revision) {
      if (before === undefined) root.unlink(DATA);
      else pointTo(root, before);
      setLinks(root, linked);
    }
    removeRevisions(root, before);
  } catch {
    // Something that is not the agent's is in the way; the error that led here says so.
  }
}
