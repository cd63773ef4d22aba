import assert from "node:assert/strict";
import { test } from "node:test";
import { readyAfter } from "../support/late-origin.ts";

test("8 of 8 agents are ready within 6 s of an origin that comes at a random second of the start-up time", async (t) => {
  const startUpSeconds = 60;
  const waits = await Promise.all(
    Array.from({ length: 8 }, () => {
      // An attempt just before the end is the last: what comes after it comes too late.
      const comesAfterMs = Math.random() * (startUpSeconds - 4) * 1_000;
      return readyAfter(t, { startUpSeconds, comesAfterMs });
    }),
  );
  t.diagnostic(waits.map((ms) => `${Math.round(ms)} ms`).join(", "));
  for (const ms of waits) assert.ok(ms < 6_000, `${Math.round(ms)} ms`);
});
