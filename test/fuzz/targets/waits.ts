import assert from "node:assert/strict";
import {
  BACKOFF_FLOOR_MS,
  MAX_RETRY_AFTER_MS,
  MIN_DEMAND_SPACING_MS,
  MIN_POLL_INTERVAL_MS,
} from "../../../src/limits.ts";
import type { AnswerHeaders } from "../../../src/net/answer-headers.ts";
import { parseHeaders, parsePairs } from "../../../src/net/pairs.ts";
import { retryAfterMs } from "../../../src/net/retry-after.ts";
import { demandSpacingMs, nextDelayMs, pollIntervalMs } from "../../../src/refresh/schedule.ts";
import type { FuzzTarget } from "../target.ts";

const NOW = Date.UTC(2026, 5, 1);
const TTL_MS = 300_000;

const headersWith = (value: string): AnswerHeaders => ({
  get: (name) => (name === "retry-after" ? value : null),
  has: (name) => name === "retry-after",
  entries: () => [["retry-after", value]],
});

/** Retry-After, to the next attempt that follows from it; and lists of headers, as OpenTelemetry writes them. */
export const target: FuzzTarget = {
  maxBytes: 120,
  seeds: ["7", "120", "Wed, 21 Oct 2099 07:28:00 GMT", "999999999", "a=b,c=%20d", "x=1, y = 2=3"],
  words: [
    ..."Mon, Oct 1970 2099 275760 GMT UTC +0000 T00:00:00Z 07:28:00 1e9 Infinity NaN = , %20 %".split(
      " ",
    ),
    "authorization=",
    "host=",
    " ",
  ],
  run(input) {
    const text = input.toString("latin1");
    const asked = retryAfterMs(headersWith(text), NOW);
    assert.ok(asked === undefined || (Number.isFinite(asked) && asked >= 0));
    const common = { ttlMs: TTL_MS, untilExpiryMs: Infinity, retryAfterMs: asked };
    const spread = pollIntervalMs(TTL_MS, Infinity);
    for (const failures of [0, 1, 20]) {
      const state = { ...common, failures, firstSuccess: false, startUp: undefined };
      for (const random of [0, 0.999]) {
        const delay = nextDelayMs(state, random);
        const least = failures === 0 ? MIN_POLL_INTERVAL_MS : BACKOFF_FLOOR_MS;
        assert.ok(delay >= least && delay <= MAX_RETRY_AFTER_MS + spread, String(delay));
        if (failures > 0 && asked !== undefined) {
          assert.ok(delay >= Math.min(asked, MAX_RETRY_AFTER_MS), "sooner than was asked");
        }
      }
      const spacing = demandSpacingMs(state);
      assert.ok(spacing >= MIN_DEMAND_SPACING_MS && spacing <= MAX_RETRY_AFTER_MS);
    }
    const parts = text.split(",").filter((part) => part.trim() !== "");
    const isList = parts.every((part) => /^[^=]*[^=\s][^=]*=/.test(part));
    assert.equal(parsePairs(text) !== undefined, isList);
    try {
      const headers = Object.entries(parseHeaders(text));
      assert.equal([...new Headers(headers)].length, headers.length);
    } catch (error) {
      assert.ok(error instanceof Error && error.constructor === Error, String(error));
    }
  },
};
