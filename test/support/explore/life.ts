import { createFeed, type Feed } from "../../../src/feed/feed.ts";
import { AcceptanceRecord } from "../../../src/refresh/acceptance-record.ts";
import { Custody } from "../../../src/refresh/custody.ts";
import { Refresher } from "../../../src/refresh/refresher.ts";
import type { VerifiedArtifact } from "../../../src/artifact/verify.ts";
import type { SecretsStore } from "../../../src/store/secrets.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import type { MakeStore } from "../custody.ts";
import { newChanges } from "../changes.ts";
import { decrypt } from "../decrypting.ts";
import { openDiskCache } from "../disk-caches.ts";
import { SIGNED } from "../verified.ts";
import { cachedStore } from "../../../src/store/cached.ts";
import { justInTimeStore } from "../../../src/store/just-in-time.ts";
import { GatedCache, GatedSource, type Write } from "./gates.ts";
import type { SteppingClock } from "./stepping-clock.ts";

/** The TTL of the explored agent: the least that it takes, so that a poll is due every 5 s. */
export const TTL_MS = 30_000;

const POLICY = { ...SIGNED, identity: "api-gateway", environment: "production" };

const plaintexts = new Map<string, Buffer>();

/** Decrypts each artifact once: the same bytes have the same plaintext. */
export async function decryptOnce(artifact: VerifiedArtifact): Promise<Buffer> {
  const known = plaintexts.get(artifact.fields.ciphertextHash);
  if (known !== undefined) return Buffer.from(known);
  const plaintext = await decrypt(artifact);
  plaintexts.set(artifact.fields.ciphertextHash, Buffer.from(plaintext));
  return plaintext;
}

export const MODES = {
  cached: (clock) => cachedStore(decryptOnce, clock),
  "just-in-time": (clock) => justInTimeStore(decryptOnce, clock),
} satisfies Readonly<Record<string, MakeStore>>;

export type ModeName = keyof typeof MODES;

/** One life of the agent's process, between two kills: the parts from the source to the feed, as they are. */
export interface Life {
  readonly source: GatedSource;
  readonly cache: GatedCache;
  readonly store: SecretsStore;
  readonly custody: Custody;
  readonly refresher: Refresher;
  readonly feed: Feed;
}

export interface LifeListener {
  /** A write to the disk cache begins. */
  readonly writes: (write: Write) => void;
  /** The loop broke, which ends an agent. */
  readonly broke: (error: unknown) => void;
}

export function beginLife(
  mode: ModeName,
  clock: SteppingClock,
  directory: string,
  told: LifeListener,
): Life {
  const source = new GatedSource(clock);
  const store = MODES[mode](clock);
  const cache = new GatedCache(openDiskCache(directory).cache, told.writes);
  const changes = newChanges();
  const log = createLog({ level: "error", format: "json", write: () => undefined, now: () => 0 });
  const custody = new Custody({
    policy: POLICY,
    store,
    record: new AcceptanceRecord(cache),
    changes,
    clock,
    log,
    ttlMs: TTL_MS,
  });
  const refresher = new Refresher({
    source,
    custody,
    clock,
    random: () => 0.5,
    ttlMs: TTL_MS,
    startUpMs: 0,
    onBroken: told.broke,
  });
  const feedMode = mode === "cached" ? mode : "jit";
  const feed = createFeed({ mode: feedMode, store, custody, refresher, changes, clock, log });
  return { source, cache, store, custody, refresher, feed };
}
