import type { Config } from "../config/config.ts";
import { ageDecrypter } from "../decrypt/age.ts";
import { createDecrypt, type Decrypt } from "../decrypt/decrypt.ts";
import { openInWebAssembly } from "../decrypt/open-sealed.ts";
import { inTurn } from "../system/in-turn.ts";
import { createFeed, type Feed } from "../feed/feed.ts";
import type { KmsParts } from "../kms/kms.ts";
import { kmsOpener } from "../kms/open.ts";
import { AcceptanceRecord } from "../refresh/acceptance-record.ts";
import { Changes } from "../refresh/changes.ts";
import { Custody } from "../refresh/custody.ts";
import { Refresher } from "../refresh/refresher.ts";
import type { Source } from "../source/source.ts";
import type { ArtifactCache } from "../store/artifact-cache.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { modeParts } from "./mode-parts.ts";
import { openCache } from "./open-cache.ts";

export interface CustodyParts {
  readonly source: Source;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** The calls of a KMS, and what ends those that are under way. */
  readonly kms: KmsParts;
  /** Told when the loop or a subscriber of the feed breaks, which must end the process. */
  readonly onBroken: (error: unknown) => void;
}

export interface OpenCustody {
  readonly cache: ArtifactCache;
  readonly custody: Custody;
  readonly refresher: Refresher;
  readonly feed: Feed;
  /** A Lambda function is invoked: looks at the source if it is time. */
  readonly invoked: () => Promise<void>;
}

/** From a source to the feed: what is fetched, verified, kept, decrypted and told. Nothing has begun yet. */
export function openCustody(config: Config, parts: CustodyParts): OpenCustody {
  const { source, clock, random, log, onBroken } = parts;
  const decrypt = decryptFor(config, parts);
  const { store, ttlMs, pacingTtlMs, everyInvocation } = modeParts(config.mode, decrypt, clock);
  const cache = openCache(config, source, log);
  const changes = new Changes(onBroken);
  const custody = new Custody({
    policy: { ...config.expected, verifyKeys: config.verifyKeys },
    store,
    record: new AcceptanceRecord(cache),
    changes,
    clock,
    log,
    ttlMs,
  });
  const refresher = new Refresher({
    source,
    custody,
    clock,
    random,
    ttlMs: pacingTtlMs,
    startUpMs: config.startupTimeoutMs,
    onBroken,
  });
  const mode = config.mode.kind;
  const feed = createFeed({ mode, store, custody, refresher, changes, clock, log });
  const invoked = (): Promise<void> =>
    everyInvocation ? refresher.refreshIfWelcome() : refresher.refreshIfDue();
  return { cache, custody, refresher, feed, invoked };
}

function decryptFor({ ageIdentities, mode }: Config, { kms }: CustodyParts): Decrypt {
  const openKms = kmsOpener(kms);
  switch (mode.kind) {
    case "cached":
      return createDecrypt(ageDecrypter(ageIdentities), openKms);
    case "jit":
      return createDecrypt(inTurn(ageDecrypter(ageIdentities, openInWebAssembly)), openKms);
  }
}
