import assert from "node:assert/strict";
import { test } from "node:test";
import { array, boolean, assert as check, nat, property, record } from "fast-check";
import { RateLimiter } from "../../src/telemetry/rate-limiter.ts";

const LIMITS = { burst: 3, windowMs: 1_000, maxKinds: 5 };

test("a rate limiter neither loses nor invents anything, whatever comes when", () => {
  const steps = array(record({ kind: nat(8), waitMs: nat(700), asks: boolean() }));
  check(
    property(steps, (sequence) => {
      const limiter = new RateLimiter(LIMITS);
      let now = 0;
      let passed = 0;
      let told = 0;
      const ask = (at: number): void => {
        for (const { suppressed } of limiter.summaries(at)) told += suppressed;
      };
      for (const { kind, waitMs, asks } of sequence) {
        now += waitMs;
        if (asks) ask(now);
        if (limiter.admits(String(kind), now)) passed++;
      }
      ask(Number.POSITIVE_INFINITY);
      assert.equal(passed + told, sequence.length);
    }),
  );
});
