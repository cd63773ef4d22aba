import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  BACKOFF_FLOOR_MS,
  LAST_ATTEMPT_MS,
  MAX_RETRY_AFTER_MS,
  MIN_POLL_INTERVAL_MS,
  START_UP_SPACING_MS,
} from "../../src/limits.ts";
import { nextDelayMs, pollIntervalMs, startUpPatienceMs } from "../../src/refresh/schedule.ts";
import { runs } from "../support/runs.ts";

const input = fc.record({
  ttlMs: fc.oneof(fc.constant(0), fc.integer({ min: 30_000, max: 604_800_000 })),
  untilExpiryMs: fc.oneof(
    fc.constant(Number.POSITIVE_INFINITY),
    fc.double({ min: -1e12, max: 1e13, noNaN: true }),
  ),
  failures: fc.oneof(fc.nat(20), fc.nat()),
  retryAfterMs: fc.option(fc.double({ min: 0, max: 1e15, noNaN: true }), { nil: undefined }),
  firstSuccess: fc.boolean(),
  startUp: fc.constant(undefined),
});
const startUp = fc.record({
  sinceAttemptMs: fc.double({ min: 0, max: START_UP_SPACING_MS - BACKOFF_FLOOR_MS, noNaN: true }),
  untilOverMs: fc.oneof(
    fc.constant(Number.POSITIVE_INFINITY),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  ),
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
    { numRuns: runs(10_000) },
  );
});

test("while polls succeed, the next one comes before the secrets expire", () => {
  fc.assert(
    fc.property(input, random, (given, chance) => {
      fc.pre(given.untilExpiryMs > MIN_POLL_INTERVAL_MS * 1.25);
      assert.ok(nextDelayMs({ ...given, failures: 0 }, chance) < given.untilExpiryMs);
    }),
    { numRuns: runs(3_000) },
  );
});

test("while nothing is served, attempts are at most 5 s apart, unless the origin asked for more", () => {
  fc.assert(
    fc.property(
      input,
      startUp,
      fc.integer({ min: 1, max: 100 }),
      random,
      (given, times, failures, chance) => {
        const delay = nextDelayMs({ ...given, failures, startUp: times }, chance);
        const asked = Math.min(given.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
        assert.ok(delay >= asked);
        if (asked > 0) assert.ok(delay <= Math.max(asked, BACKOFF_FLOOR_MS) + START_UP_SPACING_MS);
        else assert.ok(delay + times.sinceAttemptMs <= START_UP_SPACING_MS);
        const untilLast = times.untilOverMs - LAST_ATTEMPT_MS;
        assert.ok(delay >= BACKOFF_FLOOR_MS || delay === Math.max(asked, untilLast, 0));
      },
    ),
    { numRuns: runs(10_000) },
  );
});

test("one attempt begins just before the start-up time is over, however the ones before it went", () => {
  const attempt = fc.record({
    chance: random,
    tookMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
  });
  const many = fc.array(attempt, { minLength: 400, maxLength: 400 });
  fc.assert(
    fc.property(many, fc.integer({ min: 1, max: 120 }), (attempts, seconds) => {
      const overMs = seconds * 1_000;
      const begun: number[] = [];
      let now = 0;
      for (const [index, { chance, tookMs }] of attempts.entries()) {
        begun.push(now);
        const sinceAttemptMs = Math.min(tookMs, startUpPatienceMs(overMs - now));
        now += sinceAttemptMs;
        if (now >= overMs) break;
        const times = { sinceAttemptMs, untilOverMs: overMs - now };
        now += nextDelayMs({ ...FAILED, failures: index + 1, startUp: times }, chance);
        if (now >= overMs) break;
      }
      assert.ok(now >= overMs);
      const last = begun.findLast((at) => at < overMs) ?? 0;
      assert.ok(overMs - last <= LAST_ATTEMPT_MS + 0.001, `${overMs - last} ms before`);
      for (const [index, at] of begun.slice(1).entries()) {
        assert.ok(at - (begun[index] ?? 0) <= START_UP_SPACING_MS + 0.001);
      }
    }),
    { numRuns: runs(1_000) },
  );
});

const FAILED = {
  ttlMs: 300_000,
  untilExpiryMs: Number.POSITIVE_INFINITY,
  retryAfterMs: undefined,
  firstSuccess: false,
} as const;
