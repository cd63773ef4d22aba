import type { Policy } from "../../src/artifact/verify.ts";
import { RefusalMemory } from "../../src/refresh/refusal-memory.ts";
import { attempt, type Outcome } from "../../src/refresh/attempt.ts";
import { logChanges } from "../../src/feed/log-changes.ts";
import { AcceptanceRecord } from "../../src/refresh/acceptance-record.ts";
import type { Change, Changes } from "../../src/refresh/changes.ts";
import { Custody } from "../../src/refresh/custody.ts";
import { type ArtifactCache, noCache } from "../../src/store/artifact-cache.ts";
import { cachedStore } from "../../src/store/cached.ts";
import { justInTimeStore } from "../../src/store/just-in-time.ts";
import type { SecretsStore } from "../../src/store/secrets.ts";
import type { Clock } from "../../src/system/clock.ts";
import { newChanges } from "./changes.ts";
import { decrypt } from "./decrypting.ts";
import { FakeClock } from "./fake-clock.ts";
import { type RecordingLog, recordingLog } from "./recording-log.ts";
import { ScriptedSource } from "./scripted-source.ts";
import { heldBy } from "./snapshots.ts";
import { ANYONE } from "./verified.ts";

export const TTL_MS = 300_000;

export type MakeStore = (clock: Clock) => SecretsStore;
export const newCachedStore: MakeStore = (clock) => cachedStore(decrypt, clock);
const newJustInTimeStore: MakeStore = (clock) => justInTimeStore(decrypt, clock);

/** Every store that keeps secrets in custody; each must come through the same tests. */
export const STORES = {
  cached: newCachedStore,
  "just-in-time": newJustInTimeStore,
} satisfies Readonly<Record<string, MakeStore>>;

export interface CustodyOptions {
  readonly policy?: Policy;
  readonly cache?: ArtifactCache;
  readonly clock?: FakeClock;
  readonly makeStore?: MakeStore;
  readonly ttlMs?: number;
}

export interface CustodyTrial extends CustodyParts {
  readonly clock: FakeClock;
}

interface CustodyParts {
  readonly source: ScriptedSource;
  readonly store: SecretsStore;
  readonly custody: Custody;
  readonly changes: Changes;
  readonly recorded: RecordingLog;
  /** What was told, in order. */
  readonly told: readonly Change[];
  /** Asks the source once and lets the outcome take effect. */
  readonly look: () => Promise<Outcome>;
  /** What is served now, as text. */
  readonly served: () => string | undefined;
}

/** Custody with a real store and a source that the test speaks for; no loop. */
export function inCustody(options: CustodyOptions = {}): CustodyTrial {
  const { clock = new FakeClock() } = options;
  return { clock, ...custodyAt(clock, options) };
}

/** The same by any clock, such as the machine's. */
export function custodyAt(clock: Clock, options: Omit<CustodyOptions, "clock"> = {}): CustodyParts {
  const { policy = ANYONE, cache = noCache, ttlMs = TTL_MS } = options;
  const source = new ScriptedSource();
  const refusals = new RefusalMemory(clock);
  const store = (options.makeStore ?? newCachedStore)(clock);
  const recorded = recordingLog();
  const told: Change[] = [];
  const changes = newChanges();
  changes.subscribe((change) => told.push(change));
  logChanges(changes, recorded.log);
  const custody = new Custody({
    policy,
    store,
    record: new AcceptanceRecord(cache),
    changes,
    clock,
    log: recorded.log,
    ttlMs,
  });
  return {
    source,
    store,
    custody,
    changes,
    recorded,
    told,
    async look() {
      const outcome = await attempt(source, custody.attemptInput(), refusals, AbortSignal.any([]));
      await custody.settle(outcome);
      return outcome;
    },
    served: () =>
      custody.freshness().kind === "fresh" ? heldBy(store)?.nested.toString() : undefined,
  };
}
