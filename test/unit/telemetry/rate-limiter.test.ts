import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RateLimiter } from "../../../src/telemetry/rate-limiter.ts";

const LIMITS = { burst: 3, windowMs: 1_000, maxKinds: 5 };

describe("a rate limiter", () => {
  test("lets the first few of each kind pass in every window", () => {
    const limiter = new RateLimiter(LIMITS);
    const admitted = [0, 1, 2, 3, 999].map((at) => limiter.admits("a", at));
    assert.deepEqual(admitted, [true, true, true, false, false]);
    assert.equal(limiter.admits("b", 999), true);
    limiter.summaries(1_000);
    assert.equal(limiter.admits("a", 1_000), true);
  });

  test("tells once, after the window, how many did not pass", () => {
    const limiter = new RateLimiter(LIMITS);
    for (let at = 0; at < 10; at++) limiter.admits("a", at);
    assert.equal(limiter.nextSummaryMs, 1_000);
    assert.deepEqual(limiter.summaries(999), []);
    assert.deepEqual(limiter.summaries(1_000), [{ kind: "a", suppressed: 7 }]);
    assert.deepEqual(limiter.summaries(1_000), []);
    assert.equal(limiter.nextSummaryMs, undefined);
  });

  test("has nothing to tell of a kind that kept within its burst", () => {
    const limiter = new RateLimiter(LIMITS);
    limiter.admits("a", 0);
    assert.equal(limiter.nextSummaryMs, undefined);
    assert.deepEqual(limiter.summaries(5_000), []);
  });

  test("takes too many kinds for one", () => {
    const limiter = new RateLimiter(LIMITS);
    const admitted = Array.from({ length: 100 }, (_, kind) => limiter.admits(String(kind), 0));
    assert.equal(admitted.filter(Boolean).length, 5 + 3);
    assert.deepEqual(limiter.summaries(1_000), [{ kind: "of other kinds", suppressed: 92 }]);
  });

  test("forgets kinds that are over to make room for new ones", () => {
    const limiter = new RateLimiter(LIMITS);
    for (let kind = 0; kind < 5; kind++) limiter.admits(`old ${kind}`, 0);
    const admitted = [0, 1, 2, 3, 4].map((kind) => limiter.admits(`new ${kind}`, 2_000));
    assert.ok(admitted.every(Boolean));
    for (let more = 0; more < 3; more++) limiter.admits("new 4", 2_000);
    assert.deepEqual(limiter.summaries(3_000), [{ kind: "new 4", suppressed: 1 }]);
  });
});
