import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  type Freshness,
  type FreshnessEvent,
  nextFreshness,
  NOT_LOADED,
} from "../../src/freshness/freshness.ts";
import type { Instant } from "../../src/system/clock.ts";
import { runs } from "../support/runs.ts";

const TTL = 1_000;

/** What happens next: `mono` milliseconds pass, and the wall clock goes its own way. */
const step = fc.record({
  event: fc.constantFrom(
    "accepted",
    "unchanged",
    "fetch_failed",
    "invalid",
    "expired",
    "revoked",
    "tick",
  ),
  mono: fc.nat(400),
  drift: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    fc.integer({ min: -3_000, max: 3_000 }),
  ),
  lifeMs: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
});

function eventOf(kind: string, now: Instant, lifeMs: number | undefined): FreshnessEvent {
  switch (kind) {
    case "accepted": {
      const expiresAtMs = lifeMs === undefined ? undefined : now.wallMs + lifeMs;
      const serving = { revision: "r", expiresAtMs, expiresAt: expiresAtMs?.toString() };
      return { kind, serving, refreshedAt: now, acceptedAt: now };
    }
    case "unchanged":
    case "tick":
      return { kind, at: now };
    default:
      return { kind } as FreshnessEvent;
  }
}

test("over any history, only a success makes or keeps secrets fresh, and time ends them", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let state: Freshness = NOT_LOADED;
      let now: Instant = { wallMs: 1e12, monoMs: 0 };
      /** Monotonic time of the last success, and of the last refusal of everything. */
      let success = Number.NEGATIVE_INFINITY;
      for (const { event: kind, mono, drift, lifeMs } of steps) {
        now = { wallMs: now.wallMs + mono + drift, monoMs: now.monoMs + mono };
        const before = nextFreshness(state, { kind: "tick", at: now }, TTL);
        const event = eventOf(kind, now, lifeMs);
        state = nextFreshness(before, event, TTL);
        if (kind === "accepted" || (kind === "unchanged" && before.kind === "fresh")) {
          success = now.monoMs;
        }
        if (state.kind === "fresh") {
          assert.ok(before.kind === "fresh" || kind === "accepted", "fresh out of nothing");
          assert.ok(now.monoMs - success < TTL, "fresh past the TTL");
          const { expiresAtMs = Number.POSITIVE_INFINITY } = state.serving;
          assert.ok(now.wallMs < expiresAtMs, "fresh past expiresAt");
        }
        if (kind === "revoked") assert.equal(state.kind, "revoked");
        if (before.kind === "revoked" && kind !== "accepted") assert.equal(state.kind, "revoked");
        if (kind === "fetch_failed" || kind === "invalid") assert.equal(state, before);
        if (state.kind === "not_loaded") assert.equal(before.kind, "not_loaded");
      }
    }),
    { numRuns: runs(5_000) },
  );
});
