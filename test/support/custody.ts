import type { Policy } from "../../src/artifact/verify.ts";
import { attempt, type Outcome } from "../../src/refresh/attempt.ts";
import { Custodian, type NowServing } from "../../src/refresh/custodian.ts";
import { type ArtifactCache, noCache } from "../../src/store/artifact-cache.ts";
import { cachedStore } from "../../src/store/cached.ts";
import { justInTimeStore } from "../../src/store/just-in-time.ts";
import type { SecretsStore } from "../../src/store/secrets.ts";
import type { Clock } from "../../src/system/clock.ts";
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

/** Every store that keeps secrets for a custodian; each must come through the same tests. */
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

export interface Custody {
  readonly clock: FakeClock;
  readonly source: ScriptedSource;
  readonly store: SecretsStore;
  readonly custodian: Custodian;
  readonly recorded: RecordingLog;
  /** What began to be served, in order. */
  readonly serving: readonly NowServing[];
  /** Asks the source once and lets the outcome take effect. */
  readonly look: () => Promise<Outcome>;
  /** What is served now, as text. */
  readonly served: () => string | undefined;
}

/** A custodian with a real store and a source that the test speaks for; no loop. */
export function custody(options: CustodyOptions = {}): Custody {
  const { policy = ANYONE, cache = noCache, clock = new FakeClock(), ttlMs = TTL_MS } = options;
  const source = new ScriptedSource();
  const store = (options.makeStore ?? newCachedStore)(clock);
  const recorded = recordingLog();
  const serving: NowServing[] = [];
  const custodian = new Custodian({
    policy,
    store,
    cache,
    clock,
    log: recorded.log,
    ttlMs,
    onServing: (now) => serving.push(now),
    onRevoked: () => undefined,
  });
  return {
    clock,
    source,
    store,
    custodian,
    recorded,
    serving,
    async look() {
      const outcome = await attempt(source, custodian.attemptInput(), AbortSignal.any([]));
      await custodian.settle(outcome);
      return outcome;
    },
    served: () =>
      custodian.freshness().kind === "fresh" ? heldBy(store)?.nested.toString() : undefined,
  };
}
