import { AgentError } from "../errors.ts";
import type { Changes, Subscriber } from "../refresh/changes.ts";
import type { Custody } from "../refresh/custody.ts";
import type { Refresher } from "../refresh/refresher.ts";
import type { Status } from "../refresh/status.ts";
import type { OpenResult, SecretsStore } from "../store/secrets.ts";
import type { IsCancelled } from "../store/semaphore.ts";
import { NO_READER, Snapshot } from "../store/snapshot.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { DecryptFailures } from "./decrypt-failures.ts";
import { RefreshNow, type RefreshResult } from "./refresh-now.ts";
import type { Unavailable } from "./unavailable.ts";

export type Opened = Snapshot | Unavailable;

export type Used<Value> =
  | { readonly kind: "used"; readonly value: Value }
  | { readonly kind: "unavailable"; readonly reason: Unavailable };

/** What may be used now, and each change of it: all that a delivery of secrets knows of the rest of the agent. */
export interface Feed {
  readonly mode: "cached" | "jit";
  /** What is so now; secrets whose time is over are wiped before it answers. */
  status(): Status;
  /** The `tag` of the snapshot that `open` would give, told without decrypting; undefined where none. */
  payloadTag(): string | undefined;
  /** Milliseconds until what is served expires by its own date; infinite if it does not. */
  untilExpiryMs(): number;
  /**
   * The secrets now, which the caller must release; a promise where they must be fetched or decrypted
   * first. What has expired is asked for once more, together with everyone else. Never rejects.
   *
   * @param isCancelled - what is not worth it for a caller of whom this is true is `busy`.
   */
  open(isCancelled?: IsCancelled): Opened | Promise<Opened>;
  /**
   * Looks at the secrets once, without asking the source for what has expired, and lets go of them when
   * `look` returns. What it returns must hold no part of the snapshot. Rejects only with what `look` throws.
   */
  use<Value>(look: (secrets: Snapshot) => Value): Promise<Used<Value>>;
  /** Looks at the source now, or joins an attempt under way, as often as it may be asked. Never rejects. */
  refresh(): Promise<RefreshResult>;
  /**
   * Every change from now on, as `Changes` tells them. What a subscriber throws ends the agent.
   *
   * @returns what ends the subscription.
   */
  subscribe(subscriber: Subscriber): () => void;
}

export interface FeedOptions {
  readonly mode: Feed["mode"];
  readonly store: SecretsStore;
  readonly custody: Custody;
  readonly refresher: Refresher;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
}

type Settle = (opened: OpenResult) => Opened;

function openedOf(opened: OpenResult): Opened {
  if (opened instanceof AgentError) return "decryption_failed";
  return opened === "empty" ? "not_loaded" : opened;
}

export function createFeed(options: FeedOptions): Feed {
  const { mode, store, custody, refresher, changes } = options;
  const refreshNow = new RefreshNow(options);
  const failures = new DecryptFailures(options.clock, options.log);

  /** Notes whether clients can be answered, for the log and for health. */
  const noting: Settle = (opened) => {
    if (opened instanceof AgentError) failures.failed(opened);
    if (opened instanceof Snapshot) failures.succeeded();
    return openedOf(opened);
  };

  const openNow = (settle: Settle, isCancelled?: IsCancelled): Opened | Promise<Opened> => {
    const { kind } = custody.freshness();
    if (kind !== "fresh") return kind;
    const opened = store.open(isCancelled);
    return opened instanceof Promise
      ? opened.then((late) => openedLate(late, settle))
      : settle(opened);
  };

  /** Time has passed, which may have ended what this was decrypted from. */
  const openedLate = (opened: OpenResult, settle: Settle): Opened => {
    const { kind } = custody.freshness();
    if (kind === "fresh") return settle(opened);
    if (opened instanceof Snapshot) opened.release(NO_READER);
    return kind;
  };

  const openAgain = async (isCancelled: IsCancelled | undefined): Promise<Opened> => {
    const attempted = await refresher.demand();
    const later = await openNow(noting, isCancelled);
    return attempted && later === "cache_expired" ? "refresh_failed" : later;
  };

  const use: Feed["use"] = async (look) => {
    const opening = openNow(openedOf);
    const opened = opening instanceof Promise ? await opening : opening;
    if (typeof opened === "string") return { kind: "unavailable", reason: opened };
    // Others have taken its place in the few steps since it was decrypted.
    if (opened.isWiped) return use(look);
    try {
      return { kind: "used", value: look(opened) };
    } finally {
      opened.release(NO_READER);
    }
  };

  return {
    mode,
    status() {
      const status = custody.status();
      return { ...status, lastFailure: status.lastFailure ?? failures.code ?? null };
    },
    payloadTag: () => custody.payloadTag(),
    untilExpiryMs: () => custody.untilExpiryMs(),
    open(isCancelled) {
      const unlessExpired = (opened: Opened): Opened | Promise<Opened> =>
        opened === "cache_expired" || opened === "artifact_expired"
          ? openAgain(isCancelled)
          : opened;
      const opened = openNow(noting, isCancelled);
      return opened instanceof Promise ? opened.then(unlessExpired) : unlessExpired(opened);
    },
    use,
    refresh: () => refreshNow.refresh(),
    subscribe: (subscriber) => changes.subscribe(subscriber),
  };
}
