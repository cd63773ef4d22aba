import type { FilesConfig } from "../config/files.ts";
import { AgentError } from "../errors.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import { FILES_GRACE_MS, TICK_MS } from "../limits.ts";
import type { Change } from "../refresh/changes.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { type Clock, instantBefore, type Timer } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { fileSet } from "./file-set.ts";
import { currentRevision } from "./layout.ts";
import {
  dueOf,
  type FilesEvent,
  type FilesLife,
  isPlaced,
  nextLife,
  NO_FILES,
  type Timed,
} from "./life.ts";
import { lockDirectory } from "./lock.ts";
import { openRoot } from "./open-root.ts";
import type { SetRecords } from "./record.ts";
import { removeRevisions, removeSet } from "./remover.ts";
import { readTemplates } from "./template-directory.ts";
import { writeRecord, writeSet } from "./writer.ts";

export interface FilesOptions {
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: FilesConfig;
  readonly records: SetRecords;
  readonly ttlMs: number;
}

export interface Files {
  status(): FilesStatus;
  /** Resolves once readers find what is served; at once where nothing is. */
  delivered(): Promise<void>;
  /** Removes the files and gives the directory free. */
  stop(): Promise<void>;
}

/**
 * Writes the secrets as files whenever they change, and removes them when the secrets end (contract,
 * section 9). What an earlier agent left stays while it might still be served.
 *
 * @throws AgentError `config_invalid` or `files_in_use`, with nothing left open.
 */
export async function openFiles(options: FilesOptions): Promise<Files> {
  const { feed, clock, log, config, records, ttlMs } = options;
  const root = openRoot(config);
  const lock = await lockDirectory(root).catch((error: unknown) => {
    root.close();
    throw error;
  });
  let life: FilesLife = NO_FILES;
  let isReady = false;
  let toldFailure: string | undefined;
  let toldGroup = false;
  let grace: Timer | undefined;
  const waiting: (() => void)[] = [];
  const writing = {
    mode: config.mode,
    group: root.stat().gid,
    groupRefused(code: string): void {
      if (toldGroup) return;
      toldGroup = true;
      log.warn(
        `files cannot have the group of CLEF_AGENT_FILES_DIR (${code}); they keep the agent's`,
      );
    },
    sync: config.onDisk === "allow",
    record: (directory: string) =>
      records.encode(directory, {
        refreshedAtMs: feed.status().lastRefreshAt ?? 0,
        expiresAtMs: life.serving?.expiresAtMs,
      }),
  };

  const enter = (event: FilesEvent): void => {
    life = nextLife(life, event, ttlMs);
    const due = dueOf(life, clock.now());
    if (due !== undefined) attempt(due);
    if (life.serving !== undefined && !isPlaced(life)) return;
    for (const resolve of waiting.splice(0)) resolve();
  };

  const attempt = (due: "write" | "remove"): void => {
    try {
      if (due === "write") write();
      else {
        removeSet(root);
        log.event({ name: "files.removed" });
        enter({ kind: "removed" });
      }
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (toldFailure !== error.message) {
        toldFailure = error.message;
        log.event({ name: "files.failed", code: error.code, error: error.message });
      }
      life = nextLife(life, { kind: "failed", code: error.code, at: clock.now() }, ttlMs);
    }
  };

  const write = (): void => {
    let failure: { readonly error: unknown } | undefined;
    void feed.use((secrets) => {
      try {
        if (secrets.revision === life.serving?.revision) writeRevision(secrets);
      } catch (error) {
        failure = { error };
      }
    });
    if (failure !== undefined) throw failure.error;
  };

  const writeRevision = (secrets: Snapshot): void => {
    const templates = config.templates === undefined ? [] : readTemplates(config.templates);
    const files = fileSet(secrets, config.formats, templates);
    writeSet({ ...writing, root, files });
    isReady = true;
    toldFailure = undefined;
    log.event({ name: "files.written", revision: secrets.revision, files: files.length });
    grace?.cancel();
    grace = clock.after(FILES_GRACE_MS, () => removeOlder());
    enter({ kind: "written" });
  };

  const removeOlder = (): void => {
    try {
      removeRevisions(root, currentRevision(root));
    } catch (error) {
      if (error instanceof AgentError) log.warn(error.message, { code: error.code });
    }
  };

  const renewRecord = (): void => {
    const directory = currentRevision(root);
    if (directory === undefined || !isPlaced(life)) return;
    try {
      writeRecord(root, directory, writing);
    } catch {
      log.debug("the age of the files could not be noted; after a crash they go earlier");
    }
  };

  const changed = (change: Change): void => {
    switch (change.kind) {
      case "serving": {
        const now = clock.now();
        const ageMs = Math.max(0, now.wallMs - (feed.status().lastRefreshAt ?? now.wallMs));
        const { revision, expiresAtMs } = change;
        const refreshedAt = instantBefore(now, ageMs);
        enter({
          kind: "serving",
          serving: { revision, expiresAtMs, refreshedAt, acceptedAt: now },
        });
        return;
      }
      case "renewed":
        enter({ kind: "renewed", at: clock.now() });
        renewRecord();
        return;
      case "ended":
        enter({ kind: "ended", revoked: change.reason === "revoked" });
    }
  };

  const left = (): Timed | undefined => {
    const directory = currentRevision(root);
    const record = directory === undefined ? undefined : records.read(root, directory);
    if (record === undefined) return undefined;
    const now = clock.now();
    const ageMs = now.wallMs - record.refreshedAtMs;
    if (ageMs < 0) return undefined;
    const refreshedAt = instantBefore(now, ageMs);
    return { revision: undefined, expiresAtMs: record.expiresAtMs, refreshedAt, acceptedAt: now };
  };

  const found = left();
  if (found !== undefined || currentRevision(root) !== undefined) {
    enter({ kind: "found", left: found });
    enter({ kind: "tick", at: clock.now() });
  }
  removeOlder();

  const unsubscribe = feed.subscribe(changed);
  let ticking: Timer;
  const tick = (): void => {
    ticking = clock.after(TICK_MS, tick);
    enter({ kind: "tick", at: clock.now() });
  };
  ticking = clock.after(TICK_MS, tick);
  const removeNow = (): void => {
    try {
      removeSet(root);
    } catch (error) {
      if (error instanceof AgentError) log.error(error.message, { code: error.code });
    }
  };
  // The process ends without a stop after a second signal, and on an error that nobody caught.
  process.once("exit", removeNow);

  return {
    status() {
      if (life.failure !== undefined) {
        return { health: { state: "failed", code: life.failure.code }, isReady };
      }
      return { health: { state: isPlaced(life) ? "written" : "none" }, isReady };
    },
    async delivered() {
      if (life.serving === undefined || isPlaced(life)) return;
      const done = Promise.withResolvers<undefined>();
      waiting.push(() => done.resolve(undefined));
      await done.promise;
    },
    async stop() {
      unsubscribe();
      for (const resolve of waiting.splice(0)) resolve();
      ticking.cancel();
      grace?.cancel();
      process.off("exit", removeNow);
      removeNow();
      await lock.release();
      root.close();
    },
  };
}
