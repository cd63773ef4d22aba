import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { describe, test } from "node:test";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { AgentError } from "../../../src/errors.ts";
import type { DiskCache } from "../../../src/store/disk-cache.ts";
import { pack } from "../../support/artifacts.ts";
import {
  inCustody,
  type CustodyTrial,
  type CustodyOptions,
  TTL_MS,
} from "../../support/custody.ts";
import { decrypt } from "../../support/decrypting.ts";
import { openDiskCache } from "../../support/disk-caches.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { refreshing } from "../../support/refreshing.ts";
import { cachedStore } from "../../../src/store/cached.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";
import { SIGNED } from "../../support/verified.ts";

const NOW = Date.UTC(2026, 5, 1);
const one = await pack({ secrets: { KEY: "one" }, nowMs: NOW, signed: true });
const two = await pack({ secrets: { KEY: "two" }, nowMs: NOW + 1, signed: true });
const brief = await pack({ secrets: { KEY: "brief" }, nowMs: NOW, ttlMs: 60_000, signed: true });

interface Restarted extends CustodyTrial {
  /** Answers `load` only after everything that was asked of it before. */
  readonly cache: DiskCache;
}

/** A process that took `artifact` and ended; the next one starts `laterMs` later. */
async function restarted(
  directory: string,
  artifact: string,
  laterMs: number,
  options: CustodyOptions = {},
): Promise<Restarted> {
  const before = inCustody({ policy: SIGNED, cache: openDiskCache(directory).cache });
  before.source.holds(artifact);
  await before.look();
  return next(directory, laterMs, options);
}

async function next(
  directory: string,
  laterMs: number,
  options: CustodyOptions = {},
): Promise<Restarted> {
  const clock = new FakeClock(NOW + laterMs);
  const { cache } = openDiskCache(directory);
  const after = inCustody({ policy: SIGNED, cache, clock, ...options });
  after.source.fails(new AgentError("source_unreachable", "no route"));
  await after.custody.restore();
  return { ...after, cache };
}

const artifactsIn = async (directory: string): Promise<number> =>
  (await readdir(directory)).filter((name) => name.endsWith(".json")).length;

describe("after a restart", () => {
  test("the disk cache is served, and its age goes on counting", async (t) => {
    const agent = await restarted(await temporaryDirectory(t), one, 100_000);
    assert.equal(agent.served(), '{"KEY":"one"}');
    assert.equal(agent.custody.status().dataFrom, "disk_cache");
    assert.equal(agent.custody.status().ageSeconds, 100);
    assert.equal(agent.custody.status().lastRefreshAt, NOW);
    await agent.clock.advance(TTL_MS - 100_000 - 1);
    await agent.look();
    assert.equal(agent.served(), '{"KEY":"one"}');
    await agent.clock.advance(1);
    assert.equal(agent.served(), undefined);
    await agent.cache.load();
  });

  test("a cache older than the TTL, or from the future, is not served", async (t) => {
    for (const later of [TTL_MS, TTL_MS * 10, -1]) {
      const agent = await restarted(await temporaryDirectory(t), one, later);
      assert.equal(agent.served(), undefined, String(later));
    }
  });

  test("the memory stays though the cache is too old: no rollback", async (t) => {
    const agent = await restarted(await temporaryDirectory(t), two, TTL_MS * 10);
    agent.source.holds(one);
    const outcome = await agent.look();
    assert.ok(outcome.kind === "invalid");
    assert.equal(outcome.error.code, "rollback");
  });

  test("what the cache holds is verified like anything else", async (t) => {
    const policies: readonly CustodyOptions[] = [
      { policy: { ...SIGNED, identity: "worker" } },
      { policy: { ...SIGNED, environment: "staging" } },
    ];
    for (const options of policies) {
      const agent = await restarted(await temporaryDirectory(t), one, 1_000, options);
      assert.equal(agent.served(), undefined);
      assert.match(agent.recorded.messages("warn").join(), /refused now/);
    }
  });

  test("a revocation is remembered, and nothing is left on disk", async (t) => {
    const directory = await temporaryDirectory(t);
    const before = inCustody({ policy: SIGNED, cache: openDiskCache(directory).cache });
    before.source.holds(one);
    await before.look();
    const who = { identity: "api-gateway", environment: "production", revision: undefined };
    before.source.holds(revocationMarker(who, NOW));
    await before.look();
    assert.equal(await artifactsIn(directory), 0);

    const agent = await next(directory, 1_000);
    assert.equal(agent.served(), undefined);
    agent.source.holds(one);
    const outcome = await agent.look();
    assert.ok(outcome.kind === "invalid");
    assert.equal(outcome.error.code, "rollback");
  });

  test("an artifact that expired meanwhile is not served, and is purged", async (t) => {
    const directory = await temporaryDirectory(t);
    const agent = await restarted(directory, brief, 60_000);
    assert.equal(agent.served(), undefined);
    assert.equal(await artifactsIn(directory), 0);
  });

  test("an artifact for an identity that is gone is not served", async (t) => {
    const recipient = await identityToRecipient(await generateIdentity());
    const foreign = await pack({ recipients: [recipient], nowMs: NOW, signed: true });
    const directory = await temporaryDirectory(t);
    const agent = await restarted(directory, foreign, 1_000);
    assert.equal(agent.served(), undefined);
  });
});

describe("the disk cache", () => {
  test("is purged when the artifact expires", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache } = openDiskCache(directory);
    const agent = inCustody({ policy: SIGNED, cache });
    agent.source.holds(brief);
    await agent.look();
    await agent.clock.advance(60_000);
    agent.custody.freshness();
    await cache.load();
    assert.equal(await artifactsIn(directory), 0);
  });

  test("is purged when the TTL is over, which the event says", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache } = openDiskCache(directory);
    const agent = inCustody({ policy: SIGNED, cache });
    agent.source.holds(one);
    await agent.look();
    await agent.clock.advance(TTL_MS);
    agent.custody.freshness();
    await cache.load();
    assert.equal(await artifactsIn(directory), 0);
    const event = agent.recorded.lines.find((line) => line["event"] === "cache.expired");
    assert.equal(event?.["diskCachePurged"], true);
    assert.equal(event["cacheTtlSeconds"], TTL_MS / 1000);
  });

  test("notes every successful refresh, also of what did not change", async (t) => {
    const directory = await temporaryDirectory(t);
    const agent = inCustody({ policy: SIGNED, cache: openDiskCache(directory).cache });
    agent.source.holds(one, "v1");
    await agent.look();
    await agent.clock.advance(200_000);
    await agent.look();
    const later = await next(directory, 200_000 + TTL_MS - 1_000);
    assert.equal(later.served(), '{"KEY":"one"}');
  });

  test("never holds what was refused", async (t) => {
    const directory = await temporaryDirectory(t);
    const agent = inCustody({ policy: SIGNED, cache: openDiskCache(directory).cache });
    agent.source.holds(await pack({ nowMs: NOW }));
    await agent.look();
    assert.deepEqual(await readdir(directory), []);
  });
});

describe("after a restart with the origin and the KMS down", () => {
  /** An agent whose KMS answers only once `back` was called. */
  const withoutKms = (): { readonly options: CustodyOptions; readonly back: () => void } => {
    let down = true;
    const options: CustodyOptions = {
      makeStore: (clock) =>
        cachedStore(async (artifact) => {
          if (down) throw new AgentError("kms_unwrap", "the KMS cannot be reached");
          return decrypt(artifact);
        }, clock),
    };
    return { options, back: () => (down = false) };
  };

  test("the disk cache is served as soon as the KMS is back, and says what it waits for", async (t) => {
    const directory = await temporaryDirectory(t);
    const kms = withoutKms();
    await restarted(directory, one, 0);
    const clock = new FakeClock(NOW + 1_000);
    const { cache } = openDiskCache(directory);
    const agent = refreshing(t, { policy: SIGNED, cache, clock, ...kms.options });
    agent.source.fails(new AgentError("source_unreachable", "no route"));
    await agent.refresher.start();
    await eventually("an attempt is over", () => agent.custody.failures === 1);
    assert.equal(agent.served(), undefined);
    assert.match(JSON.stringify(agent.recorded.lines), /waits for the KMS.*cannot be reached/);
    kms.back();
    await agent.refresher.refresh();
    assert.equal(agent.served(), '{"KEY":"one"}');
    assert.equal(agent.custody.status().dataFrom, "disk_cache");
    assert.equal(agent.custody.status().lastRefreshAt, NOW, "its age goes on counting");
  });

  test("it takes the place of nothing that came from the origin meanwhile", async (t) => {
    const directory = await temporaryDirectory(t);
    const kms = withoutKms();
    const agent = await restarted(directory, one, 1_000, kms.options);
    kms.back();
    agent.source.holds(two);
    await agent.look();
    assert.equal(await agent.custody.restore(), true);
    assert.equal(agent.served(), '{"KEY":"two"}');
  });
});
