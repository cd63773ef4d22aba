import type { Config } from "../config/config.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Source } from "../source/source.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";

interface FilesParts {
  readonly feed: Feed;
  readonly source: Source;
  readonly clock: Clock;
  readonly log: Log;
  /** What becomes of the files at a stop. */
  readonly atEnd: "remove" | "leave";
}

/** The secrets as files, or nothing where none are asked for. */
export interface OpenedFiles {
  /** Undefined where no files are asked for. */
  status(): FilesStatus | undefined;
  /** Resolves once readers find what is served; at once where nothing is. */
  delivered(): Promise<void>;
  stop(): Promise<void>;
}

/** What stands where none are written. */
export const FILES_NOT_WANTED: OpenedFiles = {
  status: () => undefined,
  delivered: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};

/**
 * Opens what writes files, which is loaded only then.
 *
 * @throws AgentError `config_invalid`, `files_in_use` or `files_failed`.
 */
export async function openConfiguredFiles(
  { files, mode, ageIdentities }: Config,
  { feed, source, clock, log, atEnd }: FilesParts,
): Promise<OpenedFiles> {
  if (files === undefined || mode.kind === "jit") return FILES_NOT_WANTED;
  const [{ openFiles }, { SetRecords }] = await Promise.all([
    import("../files/open.ts"),
    import("../files/record.ts"),
  ]);
  const identities = ageIdentities.map(({ text }) => text);
  const records = new SetRecords(identities, source.cacheKey);
  return openFiles({ feed, clock, log, config: files, records, ttlMs: mode.ttlMs, atEnd });
}
