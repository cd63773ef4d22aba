import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { AgentError } from "../../../src/errors.ts";
import { MIN_DEMAND_SPACING_MS, TICK_MS } from "../../../src/limits.ts";
import type { FetchAnswer, FetchRequest } from "../../../src/source/source.ts";
import { pack } from "../../support/artifacts.ts";
import { TTL_MS } from "../../support/custody.ts";
import { refreshing } from "../../support/refreshing.ts";
import { heldBy, isZero } from "../../support/snapshots.ts";

const NOW = Date.UTC(2026, 5, 1);
const one = await pack({ secrets: { KEY: "one" }, nowMs: NOW });
const two = await pack({ secrets: { KEY: "two" }, nowMs: NOW + 1 });
const UNREACHABLE = new AgentError("source_unreachable", "no route");
const limited = (retryAfterMs: number): AgentError =>
  new AgentError("source_rate_limited", "slow down", { retryAfterMs });

/** Never answers, and notices when it is no longer waited for. */
const hanging = ({ signal }: FetchRequest): Promise<FetchAnswer> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(UNREACHABLE)));

describe("the loop", () => {
  test("fetches at once, and then polls", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.holds(one, "v1");
    await refresher.start();
    await clock.advance(0);
    assert.equal(served(), '{"KEY":"one"}');
    source.holds(two, "v2");
    await clock.advance(TTL_MS / 10);
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("keeps within the TTL for days, at the pace of the contract", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.holds(one, "v1");
    await refresher.start();
    for (let hours = 0; hours < 6; hours++) {
      await clock.advance(600_000);
      assert.equal(served(), '{"KEY":"one"}');
    }
    const polls = source.requests.length;
    assert.ok(polls >= 120 && polls <= 136, `${polls} polls in an hour`);
  });

  test("wipes within a second of the TTL though nobody asks", async (t) => {
    const { refresher, source, clock, store } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    const bytes = heldBy(store)?.nested;
    source.fails(UNREACHABLE);
    await clock.advance(TTL_MS + TICK_MS);
    assert.equal(store.open(), "empty");
    assert.ok(bytes !== undefined && isZero(bytes));
  });

  test("wipes within a second of waking from a sleep that was too long", async (t) => {
    const { refresher, source, clock, store } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    source.fails(UNREACHABLE);
    clock.suspend(TTL_MS);
    await clock.advance(TICK_MS);
    assert.equal(store.open(), "empty");
  });

  test("recovers by itself within an interval after the source came back", async (t) => {
    const { refresher, source, clock, served, custody } = refreshing(t);
    source.fails(UNREACHABLE);
    await refresher.start();
    await clock.advance(3_600_000);
    assert.ok(custody.failures > 5);
    source.holds(one);
    await clock.advance(TTL_MS / 10);
    assert.equal(served(), '{"KEY":"one"}');
    assert.equal(custody.failures, 0);
  });

  test("backs off while the source fails", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    source.fails(UNREACHABLE);
    await clock.advance(90_000);
    const first = source.requests.length;
    await clock.advance(60_000);
    const second = source.requests.length - first;
    assert.ok(first <= 10 && second <= 4 && second >= 3, `${first}, then ${second}`);
  });

  test("asks at least every 5 s as long as nothing was served yet", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.fails(UNREACHABLE);
    await refresher.start();
    await clock.advance(3_600_000);
    const before = source.requests.length;
    await clock.advance(5_000);
    assert.ok(source.requests.length > before);
    source.holds(one);
    await clock.advance(5_000);
    assert.equal(served(), '{"KEY":"one"}');
  });

  test("asks once more beside a request that hangs, and just before the start-up is over", async (t) => {
    const { refresher, source, clock, served } = refreshing(t, { startUpMs: 12_000 });
    source.answers(hanging);
    await refresher.start();
    await clock.advance(9_999);
    assert.equal(source.requests.length, 2);
    source.holds(one);
    await clock.advance(1);
    assert.equal(served(), '{"KEY":"one"}');
  });

  test("takes the answer of a slow source that was asked again meanwhile", async (t) => {
    const { refresher, source, clock, served, custody } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    await refresher.start();
    await clock.advance(4_500);
    assert.equal(custody.lastFailure?.code, "source_timeout");
    source.answers(hanging);
    await clock.advance(1_000);
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    await clock.advance(0);
    assert.equal(served(), '{"KEY":"one"}');
    assert.equal(custody.failures, 0);
    assert.ok(source.requests.every(({ signal }, index) => index === 0 || signal.aborted));
  });

  test("knows for how long an attempt has been under way", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.answers(hanging);
    assert.equal(refresher.underWayMs, undefined);
    await refresher.start();
    await clock.advance(2_000);
    assert.equal(refresher.underWayMs, 2_000);
  });

  test("waits as long as the origin asks", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.fails(limited(120_000));
    await refresher.start();
    await clock.advance(119_999);
    assert.equal(source.requests.length, 1);
    await clock.advance(31_000);
    assert.equal(source.requests.length, 2);
  });

  test("looks at once when the source says that something changed", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    source.holds(two);
    source.changed?.();
    await clock.advance(0);
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("looks once more after an attempt that may have read too early", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    await refresher.start();
    await clock.advance(0);
    for (let times = 0; times < 10; times++) refresher.refreshSoon();
    source.holds(two);
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    await clock.advance(0);
    assert.equal(served(), '{"KEY":"two"}');
    assert.equal(source.requests.length, 2);
  });

  test("keeps on polling after a revocation, and serves what comes next", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    const who = { identity: "api-gateway", environment: "production", revision: undefined };
    source.holds(revocationMarker(who, NOW));
    await refresher.start();
    await clock.advance(TTL_MS);
    source.holds(two);
    await clock.advance(TTL_MS / 10);
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("polls faster towards an expiry, and has the next artifact in time", async (t) => {
    const { refresher, source, clock, served } = refreshing(t, { ttlMs: 86_400_000 });
    source.holds(await pack({ nowMs: NOW, ttlMs: 100_000 }));
    await refresher.start();
    await clock.advance(10_000);
    source.holds(two);
    await clock.advance(80_000);
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("says so when it breaks, rather than falling silent", async (t) => {
    let calls = 0;
    const random = (): number => {
      if (++calls === 2) throw new Error("no chance");
      return 0.5;
    };
    const { refresher, source, clock, broken } = refreshing(t, { random });
    source.holds(one);
    await refresher.start();
    await clock.advance(TTL_MS);
    assert.equal(broken.length, 1);
  });
});

describe("demand", () => {
  test("of a thousand at once causes one fetch, and all of them share its result", async (t) => {
    const { refresher, source, served } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    const demands = Array.from({ length: 1_000 }, () => refresher.demand());
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    const attempted = await Promise.all(demands);
    assert.ok(attempted.every((made) => made));
    assert.equal(source.requests.length, 1);
    assert.equal(served(), '{"KEY":"one"}');
  });

  test("joins a poll that is under way", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    await refresher.start();
    await clock.advance(0);
    const demand = refresher.demand();
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    assert.equal(await demand, true);
    assert.equal(source.requests.length, 1);
  });

  test("just after an attempt causes no other one", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.fails(UNREACHABLE);
    assert.equal(await refresher.demand(), true);
    for (let times = 0; times < 100; times++) assert.equal(await refresher.demand(), false);
    assert.equal(source.requests.length, 1);
    clock.jumpWall(-86_400_000);
    assert.equal(await refresher.demand(), false);
  });

  test("is heard after a sleep, in which only the wall clock went on", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    clock.suspend(TTL_MS);
    assert.equal(await refresher.demand(), true);
    assert.equal(source.requests.length, 2);
    assert.equal(served(), '{"KEY":"one"}');
  });

  test("is heard again after the spacing", async (t) => {
    const { refresher, source, clock } = refreshing(t, { random: () => 0.999 });
    source.holds(one, "v1");
    await refresher.demand();
    await clock.advance(MIN_DEMAND_SPACING_MS - 1);
    assert.equal(await refresher.demand(), false);
    await clock.advance(1);
    assert.equal(await refresher.demand(), true);
  });

  test("does not override a wait that the origin asked for", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.fails(limited(120_000));
    await refresher.demand();
    await clock.advance(119_000);
    assert.equal(await refresher.demand(), false);
    assert.equal(source.requests.length, 1);
  });
});

describe("a refresh if it is due", () => {
  test("is none before the next poll", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    for (let times = 0; times < 100; times++) await refresher.refreshIfDue();
    assert.equal(source.requests.length, 1);
  });

  test("is made after a sleep that the poll's timer slept through too", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    source.holds(two);
    clock.suspend(600_000);
    await refresher.refreshIfDue();
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("waits for an attempt that is under way", async (t) => {
    const { refresher, source, clock, served } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    await refresher.start();
    await clock.advance(0);
    const due = refresher.refreshIfDue();
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    await due;
    assert.equal(served(), '{"KEY":"one"}');
    assert.equal(source.requests.length, 1);
  });
});

describe("an attempt that the process slept through", () => {
  test("is made once more when its connection did not outlive the sleep", async (t) => {
    const { refresher, source, clock, served, recorded } = refreshing(t);
    const cut = Promise.withResolvers<FetchAnswer>();
    source.answers(() => cut.promise);
    await refresher.start();
    await clock.advance(0);
    clock.suspend(600_000);
    source.holds(one);
    const demand = refresher.demand();
    cut.reject(UNREACHABLE);
    await demand;
    assert.equal(served(), '{"KEY":"one"}');
    assert.deepEqual(recorded.events(), ["artifact.refreshed"]);
  });

  test("is made once more only once", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    source.fails(UNREACHABLE);
    clock.suspend(600_000);
    await refresher.refresh();
    await refresher.refresh();
    assert.equal(source.requests.length, 4);
  });

  test("is not made again when the other side did answer", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.fails(limited(1_000));
    await refresher.start();
    await clock.advance(0);
    clock.suspend(600_000);
    await refresher.refresh();
    assert.equal(source.requests.length, 2);
  });

  test("is not made again without a sleep", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.fails(UNREACHABLE);
    await refresher.start();
    await clock.advance(600_000);
    const before = source.requests.length;
    await refresher.refresh();
    assert.equal(source.requests.length, before + 1);
  });
});

describe("stopping", () => {
  test("ends polling and looking at the clock", async (t) => {
    const { refresher, source, clock } = refreshing(t);
    source.holds(one);
    await refresher.start();
    await clock.advance(0);
    await refresher.stop();
    source.changed?.();
    refresher.refreshSoon();
    await clock.advance(86_400_000);
    assert.equal(source.requests.length, 1);
  });

  test("drops what arrives while it stops, and waits for that", async (t) => {
    const { refresher, source, clock, store } = refreshing(t);
    const slow = Promise.withResolvers<FetchAnswer>();
    source.answers(() => slow.promise);
    await refresher.start();
    await clock.advance(0);
    const stopped = refresher.stop();
    assert.equal(source.requests[0]?.signal.aborted, true);
    slow.resolve({ kind: "bytes", bytes: Buffer.from(one), etag: undefined });
    await stopped;
    assert.equal(store.open(), "empty");
  });

  test("twice is once", async (t) => {
    const { refresher } = refreshing(t);
    await refresher.start();
    await Promise.all([refresher.stop(), refresher.stop()]);
  });
});
