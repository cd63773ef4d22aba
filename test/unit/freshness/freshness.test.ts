import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Freshness,
  type FreshnessEvent,
  nextFreshness,
  remainingMs,
  type Serving,
} from "../../../src/freshness/freshness.ts";
import type { Instant } from "../../../src/system/clock.ts";

const TTL = 1_000;
const at = (ms: number): Instant => ({ wallMs: 50_000 + ms, monoMs: ms });
const OLD: Serving = { revision: "old", expiresAtMs: 50_600, expiresAt: "soon" };
const NEW: Serving = { revision: "new", expiresAtMs: undefined, expiresAt: undefined };

const STATES = {
  not_loaded: { kind: "not_loaded" },
  fresh: { kind: "fresh", serving: OLD, refreshedAt: at(0), acceptedAt: at(0) },
  lasting: { kind: "fresh", serving: NEW, refreshedAt: at(0), acceptedAt: at(0) },
  cache_expired: { kind: "cache_expired" },
  artifact_expired: { kind: "artifact_expired" },
  revoked: { kind: "revoked" },
} as const satisfies Record<string, Freshness>;

const EVENTS = {
  accepted: { kind: "accepted", serving: NEW, refreshedAt: at(0), acceptedAt: at(0) },
  unchanged: { kind: "unchanged", at: at(0) },
  fetch_failed: { kind: "fetch_failed" },
  invalid: { kind: "invalid" },
  expired: { kind: "expired" },
  revoked: { kind: "revoked" },
  "tick, all well": { kind: "tick", at: at(599) },
  "tick, expiresAt over": { kind: "tick", at: at(600) },
  "tick, TTL over": { kind: "tick", at: at(1_000) },
} as const satisfies Record<string, FreshnessEvent>;

/** For every state, what comes of every event; `fresh` expires after 600 ms, `lasting` never. */
const TABLE: Readonly<
  Record<keyof typeof STATES, Readonly<Record<keyof typeof EVENTS, keyof typeof STATES>>>
> = {
  not_loaded: {
    accepted: "lasting",
    unchanged: "not_loaded",
    fetch_failed: "not_loaded",
    invalid: "not_loaded",
    expired: "artifact_expired",
    revoked: "revoked",
    "tick, all well": "not_loaded",
    "tick, expiresAt over": "not_loaded",
    "tick, TTL over": "not_loaded",
  },
  fresh: {
    accepted: "lasting",
    unchanged: "fresh",
    fetch_failed: "fresh",
    invalid: "fresh",
    expired: "fresh",
    revoked: "revoked",
    "tick, all well": "fresh",
    "tick, expiresAt over": "artifact_expired",
    "tick, TTL over": "artifact_expired",
  },
  lasting: {
    accepted: "lasting",
    unchanged: "lasting",
    fetch_failed: "lasting",
    invalid: "lasting",
    expired: "lasting",
    revoked: "revoked",
    "tick, all well": "lasting",
    "tick, expiresAt over": "lasting",
    "tick, TTL over": "cache_expired",
  },
  cache_expired: {
    accepted: "lasting",
    unchanged: "cache_expired",
    fetch_failed: "cache_expired",
    invalid: "cache_expired",
    expired: "artifact_expired",
    revoked: "revoked",
    "tick, all well": "cache_expired",
    "tick, expiresAt over": "cache_expired",
    "tick, TTL over": "cache_expired",
  },
  artifact_expired: {
    accepted: "lasting",
    unchanged: "artifact_expired",
    fetch_failed: "artifact_expired",
    invalid: "artifact_expired",
    expired: "artifact_expired",
    revoked: "revoked",
    "tick, all well": "artifact_expired",
    "tick, expiresAt over": "artifact_expired",
    "tick, TTL over": "artifact_expired",
  },
  revoked: {
    accepted: "lasting",
    unchanged: "revoked",
    fetch_failed: "revoked",
    invalid: "revoked",
    expired: "revoked",
    revoked: "revoked",
    "tick, all well": "revoked",
    "tick, expiresAt over": "revoked",
    "tick, TTL over": "revoked",
  },
};

for (const [state, row] of Object.entries(TABLE)) {
  describe(`what is ${state}`, () => {
    for (const [event, result] of Object.entries(row)) {
      test(`is ${result} after ${event}`, () => {
        const before = STATES[state as keyof typeof STATES];
        const next = nextFreshness(before, EVENTS[event as keyof typeof EVENTS], TTL);
        assert.deepEqual(next, STATES[result]);
      });
    }
  });
}

describe("the TTL", () => {
  const lasting = STATES.lasting;
  const left = (wallMs: number, monoMs: number): number =>
    remainingMs(lasting, { wallMs: 50_000 + wallMs, monoMs }, TTL);

  test("counts what passes on both clocks", () => assert.equal(left(400, 400), 600));
  test("counts a freeze, in which monotonic time stands still", () =>
    assert.equal(left(900, 10), 100));
  test("is not stretched by a clock set back", () => assert.equal(left(-10_000, 900), 100));
  test("ends early when the clock is set forward", () => assert.ok(left(100_000, 5) <= 0));

  test("starts again when the source says that nothing changed", () => {
    const renewed = nextFreshness(lasting, { kind: "unchanged", at: at(900) }, TTL);
    assert.equal(nextFreshness(renewed, { kind: "tick", at: at(1_899) }, TTL).kind, "fresh");
    assert.equal(
      nextFreshness(renewed, { kind: "tick", at: at(1_900) }, TTL).kind,
      "cache_expired",
    );
  });

  test("goes on from the past for what was read from disk", () => {
    const restored = nextFreshness(
      STATES.not_loaded,
      { kind: "accepted", serving: NEW, refreshedAt: at(-900), acceptedAt: at(-900) },
      TTL,
    );
    assert.equal(nextFreshness(restored, { kind: "tick", at: at(99) }, TTL).kind, "fresh");
    assert.equal(nextFreshness(restored, { kind: "tick", at: at(100) }, TTL).kind, "cache_expired");
  });

  test("that is infinite leaves only the artifact's own expiry", () => {
    const far = { kind: "tick", at: at(1e15) } as const;
    assert.equal(nextFreshness(lasting, far, Number.POSITIVE_INFINITY).kind, "fresh");
    assert.equal(
      nextFreshness(STATES.fresh, far, Number.POSITIVE_INFINITY).kind,
      "artifact_expired",
    );
  });
});

describe("the artifact's expiry", () => {
  const tick = (wallMs: number, monoMs: number): FreshnessEvent => ({
    kind: "tick",
    at: { wallMs, monoMs },
  });

  test("is not postponed by a clock set back", () => {
    assert.equal(nextFreshness(STATES.fresh, tick(40_000, 600), TTL).kind, "artifact_expired");
  });

  test("is not postponed by a clock set back and a source that says nothing changed", () => {
    const setBack = { wallMs: 40_000, monoMs: 300 };
    const renewed = nextFreshness(STATES.fresh, { kind: "unchanged", at: setBack }, TTL);
    assert.equal(nextFreshness(renewed, tick(40_300, 600), TTL).kind, "artifact_expired");
  });

  test("comes with the wall clock when the machine slept", () => {
    assert.equal(nextFreshness(STATES.fresh, tick(50_600, 1), TTL).kind, "artifact_expired");
  });

  test("is not postponed by a renewed TTL", () => {
    const renewed = nextFreshness(STATES.fresh, { kind: "unchanged", at: at(500) }, TTL);
    assert.equal(
      nextFreshness(renewed, { kind: "tick", at: at(600) }, TTL).kind,
      "artifact_expired",
    );
  });
});
