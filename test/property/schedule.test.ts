import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BACKOFF_FLOOR_MS, MAX_RETRY_AFTER_MS, MIN_POLL_INTERVAL_MS } from "../../src/limits.ts";
import { nextDelayMs, pollIntervalMs } from "../../src/refresh/schedule.ts";

const input = fc.record({
  ttlMs: fc.oneof(fc.constant(0), fc.integer({ min: 30_000, max: 604_800_000 })),
  untilExpiryMs: fc.oneof(
    fc.constant(Number.POSITIVE_INFINITY),
    fc.double({ min: -1e12, max: 1e13, noNaN: true }),
  ),
  failures: fc.oneof(fc.nat(20), fc.nat()),
  retryAfterMs: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined }),
  firstSuccess: fc.boolean(),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the next poll is never too soon and never too late, whatever happened and by any chance", () => {
  fc.assert(
    fc.property(input, random, (given, chance) => {
      const interval = pollIntervalMs(given.ttlMs, given.untilExpiryMs);
      assert.ok(interval >= MIN_POLL_INTERVAL_MS);
      assert.ok(interval <= Math.max(MIN_POLL_INTERVAL_MS, given.ttlMs / 10));
      const delay = nextDelayMs(given, chance);
      assert.ok(Number.isFinite(delay));
      if (given.failures === 0) {
        assert.ok(delay >= MIN_POLL_INTERVAL_MS && delay <= interval);
        return;
      }
      const asked = Math.min(given.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
      assert.ok(delay >= Math.max(BACKOFF_FLOOR_MS, asked));
      assert.ok(delay <= asked + interval);
    }),
    { numRuns: 10_000 },
  );
});

test("while polls succeed, the next one comes before the secrets expire", () => {
  fc.assert(
    fc.property(input, random, (given, chance) => {
      fc.pre(given.untilExpiryMs > MIN_POLL_INTERVAL_MS * 1.25);
      assert.ok(nextDelayMs({ ...given, failures: 0 }, chance) < given.untilExpiryMs);
    }),
    { numRuns: 3_000 },
  );
});
