import type { FilesConfig } from "../config/files.ts";
import type { Snapshot } from "../store/snapshot.ts";
import type { Log } from "../telemetry/log.ts";
import type { Directory } from "./directory.ts";
import { filesFailure } from "./failure.ts";
import { fileSet } from "./file-set.ts";
import { currentRevision } from "./layout.ts";
import { finishLinks } from "./links.ts";
import type { SetRecord, SetRecords } from "./record.ts";
import { removeRevisions, removeSet, strayRevisions } from "./remover.ts";
import type { FileOptions } from "./write-files.ts";
import { readTemplates } from "./template-directory.ts";
import { writeRecord, writeSet } from "./write-set.ts";

export interface SetDirectoryOptions {
  readonly config: FilesConfig;
  readonly records: SetRecords;
  readonly log: Log;
}

/** What an earlier agent left: a set with its record, or one of which nobody knows how old it is. */
export type Left = "nothing" | "unknown" | SetRecord;

/** The one set of files in the directory that the agent was given. */
export class SetDirectory {
  readonly #root: Directory;
  readonly #options: SetDirectoryOptions;
  #toldGroup = false;

  constructor(root: Directory, options: SetDirectoryOptions) {
    this.#root = root;
    this.#options = options;
  }

  /**
   * What an earlier agent left for readers to find, with the links that it may not have got to. What it
   * was only beginning, or had begun to remove, is removed.
   *
   * @throws the file system's own error.
   */
  takeOver(): Left {
    const { records, log } = this.#options;
    const revision = currentRevision(this.#root);
    const record = revision === undefined ? undefined : records.read(this.#root, revision);
    const isWhole =
      revision !== undefined && record !== undefined && finishLinks(this.#root, revision);
    this.#warnOf(() => {
      if (revision === undefined) removeSet(this.#root);
      else removeRevisions(this.#root, revision);
    });
    for (const name of strayRevisions(this.#root)) {
      log.warn(
        `CLEF_AGENT_FILES_DIR holds "${name}" of another user, perhaps with old secrets, which the agent leaves alone; remove it`,
      );
    }
    if (revision === undefined) return "nothing";
    return isWhole ? record : "unknown";
  }

  /**
   * Puts the files of these secrets in the place of those before.
   *
   * @returns how many there are.
   * @throws AgentError `files_…`; readers find the old ones then.
   */
  write(secrets: Snapshot, record: SetRecord): number {
    const { config } = this.#options;
    const templates = config.templates === undefined ? [] : readTemplates(config.templates);
    const files = fileSet(secrets, config.formats, templates);
    writeSet({ ...this.#writing(record), root: this.#root, files });
    return files.length;
  }

  /** Notes that the set was vouched for once more. */
  renew(record: SetRecord): void {
    try {
      const revision = currentRevision(this.#root);
      if (revision !== undefined) writeRecord(this.#root, revision, this.#writing(record));
    } catch {
      const { log } = this.#options;
      log.debug("the age of the files could not be noted; after a crash they go earlier");
    }
  }

  /** @throws AgentError `files_…` if something is left. */
  remove(): void {
    removeSet(this.#root);
  }

  /** Removes all revisions but the one that readers see. */
  removeOlder(): void {
    this.#warnOf(() => removeRevisions(this.#root, currentRevision(this.#root)));
  }

  #writing(record: SetRecord): FileOptions & { readonly record: (revision: string) => string } {
    const { config, records, log } = this.#options;
    return {
      mode: config.mode,
      group: this.#root.stat().gid,
      sync: config.onDisk === "allow",
      record: (revision) => records.encode(revision, record),
      groupRefused: (code) => {
        if (this.#toldGroup) return;
        this.#toldGroup = true;
        log.warn(
          `files cannot have the group of CLEF_AGENT_FILES_DIR (${code}); they keep the agent's`,
        );
      },
    };
  }

  #warnOf(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { message, code } = filesFailure(error, "removed");
      this.#options.log.warn(message, { code });
    }
  }
}
