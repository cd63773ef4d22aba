import { AgentError } from "../errors.ts";
import type { Custodian } from "../refresh/custodian.ts";
import type { Refresher } from "../refresh/refresher.ts";
import type { Status } from "../refresh/status.ts";
import type { IsCancelled } from "../store/semaphore.ts";
import type { OpenResult, SecretsStore } from "../store/secrets.ts";
import { NO_READER, Snapshot } from "../store/snapshot.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { DecryptFailures } from "./decrypt-failures.ts";
import type { Unavailable } from "./unavailable.ts";

type Read = Snapshot | Unavailable;

/** What the server may ask of the rest of the agent. */
export interface SecretsReader {
  /**
   * The secrets now, which the caller must release; a promise where they must be fetched or decrypted
   * first. What is not worth it for a reader who has left by then is `busy`.
   */
  read(isCancelled?: IsCancelled): Read | Promise<Read>;
  status(): Status;
  readonly mode: "cached" | "jit";
}

export interface SecretsReaderOptions {
  readonly mode: SecretsReader["mode"];
  readonly store: SecretsStore;
  readonly custodian: Custodian;
  readonly refresher: Refresher;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads what is fresh; what has expired is asked for once more, together with everyone else. */
export function createSecretsReader(options: SecretsReaderOptions): SecretsReader {
  const { mode, store, custodian, refresher } = options;
  const failures = new DecryptFailures(options.clock, options.log);

  const settled = (opened: OpenResult): Read => {
    if (opened instanceof AgentError) {
      failures.failed(opened);
      return "decryption_failed";
    }
    if (opened instanceof Snapshot) failures.succeeded();
    return opened === "empty" ? "not_loaded" : opened;
  };

  const readNow = (isCancelled: IsCancelled | undefined): Read | Promise<Read> => {
    const { kind } = custodian.freshness();
    if (kind !== "fresh") return kind;
    const opened = store.open(isCancelled);
    return opened instanceof Promise ? opened.then(readLate) : settled(opened);
  };

  /** Time has passed, which may have ended what this was decrypted from. */
  const readLate = (opened: OpenResult): Read => {
    const { kind } = custodian.freshness();
    if (kind === "fresh") return settled(opened);
    if (opened instanceof Snapshot) opened.release(NO_READER);
    return kind;
  };

  const readAgain = async (isCancelled: IsCancelled | undefined): Promise<Read> => {
    const attempted = await refresher.demand();
    const later = await readNow(isCancelled);
    return attempted && later === "cache_expired" ? "refresh_failed" : later;
  };

  return {
    mode,
    status() {
      const status = custodian.status();
      return { ...status, lastFailure: status.lastFailure ?? failures.code ?? null };
    },
    read(isCancelled) {
      const unlessExpired = (read: Read): Read | Promise<Read> =>
        read === "cache_expired" || read === "artifact_expired" ? readAgain(isCancelled) : read;
      const read = readNow(isCancelled);
      return read instanceof Promise ? read.then(unlessExpired) : unlessExpired(read);
    },
  };
}
