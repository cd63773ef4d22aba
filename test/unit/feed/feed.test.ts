import assert from "node:assert/strict";
import { describe, mock, test, type TestContext } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import type { Decrypt } from "../../../src/decrypt/decrypt.ts";
import { AgentError } from "../../../src/errors.ts";
import { PLAINTEXTS_AT_ONCE } from "../../../src/limits.ts";
import { createFeed, type Feed } from "../../../src/feed/feed.ts";
import { justInTimeStore } from "../../../src/store/just-in-time.ts";
import { Snapshot } from "../../../src/store/snapshot.ts";
import { pack } from "../../support/artifacts.ts";
import { decrypt } from "../../support/decrypting.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { PlaintextWatch } from "../../support/plaintext-watch.ts";
import { type Refreshing, refreshing } from "../../support/refreshing.ts";

const VALUE = "correct horse battery staple";
const DENIED = new AgentError("kms_unwrap", "the KMS says no");

interface Trial extends Refreshing {
  readonly feed: Feed;
  /** From now on decryption does this first. */
  readonly first: (hook: () => Promise<void> | void) => void;
  /** From now on decryption does this when it is done. */
  readonly last: (hook: () => void) => void;
}

function afterMicrotasks(steps: number, action: () => void): void {
  queueMicrotask(() => (steps === 0 ? action() : afterMicrotasks(steps - 1, action)));
}

/** A feed of a just-in-time store that serves `VALUE`. */
async function reading(t: TestContext, ttlMs?: number): Promise<Trial> {
  let hook: () => Promise<void> | void = () => undefined;
  let lastHook: () => void = () => undefined;
  const hooked: Decrypt = async (artifact) => {
    await hook();
    const plaintext = await decrypt(artifact);
    lastHook();
    return plaintext;
  };
  const clock = new FakeClock();
  const parts = refreshing(t, { clock, makeStore: () => justInTimeStore(hooked, clock) });
  const { source, store, custody, refresher, recorded } = parts;
  const text = await pack({
    secrets: { KEY: VALUE },
    nowMs: clock.now().wallMs,
    ...(ttlMs === undefined ? {} : { ttlMs }),
  });
  source.holds(text, "v1");
  await refresher.start();
  await clock.advance(0);
  const feed = createFeed({
    changes: parts.changes,
    mode: "jit",
    store,
    custody,
    refresher,
    clock,
    log: recorded.log,
  });
  return {
    ...parts,
    feed,
    first: (next) => (hook = next),
    last: (next) => (lastHook = next),
  };
}

describe("a client of the feed, for what is decrypted for it", () => {
  test("who left while it waited is decrypted for no more", async (t) => {
    const { feed, first } = await reading(t);
    let decrypts = 0;
    first(() => void decrypts++);
    const read = (isCancelled: () => boolean): Promise<unknown> =>
      Promise.resolve(feed.open(isCancelled));
    const served = Array.from({ length: PLAINTEXTS_AT_ONCE }, () => read(() => false));
    const left = read(() => true);
    const [snapshot] = await Promise.all(served);
    assert.ok(snapshot instanceof Snapshot);
    snapshot.release({ cutOff: () => undefined });
    assert.equal(await left, "busy");
    assert.equal(decrypts, PLAINTEXTS_AT_ONCE);
  });

  test("gets the secrets, which it must let go", async (t) => {
    const { feed } = await reading(t);
    const watch = PlaintextWatch.start(t);
    const read = await feed.open();
    assert.ok(read instanceof Snapshot);
    assert.equal(watch.holding(VALUE), 1);
    read.release({ cutOff: () => undefined });
    assert.equal(watch.holding(VALUE), 0);
  });

  test("is told of a failure, as are health and the log, until it is over", async (t) => {
    const { feed, first, recorded } = await reading(t);
    first(() => Promise.reject(DENIED));
    assert.equal(await feed.open(), "decryption_failed");
    const { lastFailure, consecutiveFailures, freshness } = feed.status();
    assert.deepEqual([lastFailure, consecutiveFailures, freshness], ["kms_unwrap", 0, "fresh"]);
    assert.ok(recorded.events().includes("artifact.invalid"));
    first(() => undefined);
    assert.ok((await feed.open()) instanceof Snapshot);
    assert.equal(feed.status().lastFailure, null);
  });

  test("gets nothing that was revoked while it was decrypted", async (t) => {
    const { feed, first, source, look, clock } = await reading(t);
    const watch = PlaintextWatch.start(t);
    first(async () => {
      const whom = { identity: "api-gateway", environment: "production", revision: undefined };
      source.holds(revocationMarker(whom, clock.now().wallMs));
      await look();
    });
    assert.equal(await feed.open(), "revoked");
    assert.equal(watch.holding(VALUE), 0);
  });

  test("leaves nothing behind that was revoked between its decryption and the answer", async (t) => {
    for (let steps = 0; steps < 12; steps++) {
      const { feed, last, custody } = await reading(t);
      const watch = PlaintextWatch.start(t);
      const whom = { identity: "api-gateway", environment: "production", revision: undefined };
      const revokedAt = "now";
      const revoke = (): void => {
        void custody.settle({
          kind: "revoked",
          revocation: { kind: "revocation", ...whom, revokedAt },
        });
      };
      last(() => afterMicrotasks(steps, revoke));
      const read = await feed.open();
      await new Promise(setImmediate);
      assert.ok(read === "revoked" || read instanceof Snapshot);
      assert.equal(watch.holding(VALUE), 0, `after ${steps} steps`);
      mock.restoreAll();
    }
  });

  test("gets nothing that expired while it was decrypted, though no timer ran", async (t) => {
    const { feed, first, clock } = await reading(t, 10_000);
    const watch = PlaintextWatch.start(t);
    first(() => clock.suspend(10_000));
    assert.equal(await feed.open(), "artifact_expired");
    assert.equal(watch.holding(VALUE), 0);
  });
});
