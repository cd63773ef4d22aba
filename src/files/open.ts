import type { FilesConfig } from "../config/files.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import { TICK_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { filesFailure } from "./failure.ts";
import { Keeper } from "./keeper.ts";
import { lockDirectory } from "./lock.ts";
import { openRoot } from "./open-root.ts";
import type { SetRecords } from "./record.ts";
import { SetDirectory } from "./set-directory.ts";

export interface FilesOptions {
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: FilesConfig;
  readonly records: SetRecords;
  readonly ttlMs: number;
  /** What becomes of the files at a stop. */
  readonly atEnd: "remove" | "leave";
}

export interface Files {
  status(): FilesStatus;
  /** Resolves once readers find what is served; at once where nothing is. */
  delivered(): Promise<void>;
  /** Ends the files as `atEnd` says, and gives the directory free. */
  stop(): Promise<void>;
}

/**
 * Writes the secrets as files whenever they change, and removes them when the secrets end (contract,
 * section 9). What an earlier agent left stays while it might still be served.
 *
 * @throws AgentError `config_invalid`, `files_in_use` or `files_failed`, with nothing left open.
 */
export async function openFiles(options: FilesOptions): Promise<Files> {
  const { feed, clock, log, config, records, ttlMs, atEnd } = options;
  const root = openRoot(config);
  const lock = await lockDirectory(root).catch((error: unknown) => {
    root.close();
    throw filesFailure(error, "written");
  });
  const directory = new SetDirectory(root, { config, records, log });
  const keeper = new Keeper(directory, { feed, clock, log, ttlMs });
  try {
    keeper.takeOver();
  } catch (error) {
    await lock.release();
    root.close();
    throw filesFailure(error, "removed");
  }
  const unsubscribe = feed.subscribe((change) => keeper.changed(change));
  let ticking: Timer;
  const tick = (): void => {
    ticking = clock.after(TICK_MS, tick);
    keeper.tick();
  };
  ticking = clock.after(TICK_MS, tick);
  const end = (): void => keeper.stop(atEnd);
  // The process ends without a stop after a second signal, and on an error that nobody caught.
  process.once("exit", end);

  return {
    status: () => keeper.status,
    delivered: () => keeper.delivered(),
    async stop() {
      unsubscribe();
      ticking.cancel();
      process.off("exit", end);
      end();
      await lock.release();
      root.close();
    },
  };
}
