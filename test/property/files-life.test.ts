import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  dueOf,
  type FilesEvent,
  isPlaced,
  nextLife,
  NOTHING_PLACED,
} from "../../src/files/life.ts";
import type { Instant } from "../../src/system/clock.ts";
import { runs } from "../support/runs.ts";

const TTL = 1_000;
const KINDS = [
  "found",
  "unknown",
  "serving",
  "renewed",
  "revoked",
  "expired",
  "written",
  "failed",
  "tick",
  "stopped",
] as const;

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  ms: fc.nat(400),
  lifeMs: fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined }),
});

/** Until when a set may be found, by what happened alone. */
interface Bound {
  ttlMs: number;
  readonly expiryMs: number;
}

const isOver = ({ ttlMs, expiryMs }: Bound, ms: number): boolean => ms >= ttlMs || ms >= expiryMs;

test("over any history, readers find no set longer than its TTL, its expiry, or its revocation", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let life = NOTHING_PLACED;
      let ms = 0;
      let count = 0;
      let served: Bound | undefined;
      let placed: Bound | undefined;
      for (const { kind, ms: passed, lifeMs = Number.POSITIVE_INFINITY } of steps) {
        ms += passed;
        const now: Instant = { wallMs: 1e12 + ms, monoMs: ms };
        const expiresAtMs = Number.isFinite(lifeMs) ? now.wallMs + lifeMs : undefined;
        const timed = { expiresAtMs, refreshedAt: now, acceptedAt: now };
        const bound = { ttlMs: ms + TTL, expiryMs: ms + lifeMs };
        const enter = (event: FilesEvent): void => {
          life = nextLife(life, event, TTL);
        };
        const isCurrent = isPlaced(life);
        switch (kind) {
          case "found":
            // Only at the start.
            if (life !== NOTHING_PLACED) break;
            enter({ kind, left: { ...timed, revision: undefined } });
            placed = bound;
            break;
          case "unknown":
            if (life !== NOTHING_PLACED) break;
            enter({ kind: "found", left: undefined });
            break;
          case "serving":
            enter({ kind, serving: { ...timed, revision: `${count++}` } });
            served = bound;
            break;
          case "renewed":
            enter({ kind, at: now });
            if (served !== undefined) served.ttlMs = ms + TTL;
            break;
          case "revoked":
            enter({ kind: "ended", reason: "revoked" });
            served = placed = undefined;
            break;
          case "expired":
            enter({ kind: "ended", reason: "cache_expired" });
            if (isCurrent) placed = undefined;
            served = undefined;
            break;
          case "written":
            if (!dueOf(life, now).includes("write")) break;
            enter({ kind });
            placed = served;
            break;
          case "failed":
            enter({ kind, code: "files_full", at: now });
            break;
          case "stopped":
            enter({ kind });
            served = placed = undefined;
            break;
          case "tick":
            break;
        }
        // Freshness ends what is served; the tick of the files everything else.
        if (served !== undefined && isOver(served, ms)) {
          const current = isPlaced(life);
          enter({ kind: "ended", reason: "cache_expired" });
          if (current) placed = undefined;
          served = undefined;
        }
        enter({ kind: "tick", at: now });
        if (placed !== undefined && isOver(placed, ms)) placed = undefined;
        if (placed === undefined) assert.equal(life.placed, undefined, "found for too long");
        if (life.removal !== undefined) {
          assert.equal(dueOf(life, now)[0], "remove");
          enter({ kind: "removed" });
        }
        assert.equal(life.removal, undefined);
        assert.ok(!(isPlaced(life) && dueOf(life, now).length > 0), "work without an end");
      }
    }),
    { numRuns: runs(3_000) },
  );
});
