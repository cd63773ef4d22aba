import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, MINUTE, SECOND, simulate } from "../../scripts/simulate/fleet.ts";

for (const clientsAsk of [false, true]) {
  const clients = clientsAsk ? ", with clients that keep asking" : "";
  test(`10,000 agents come back from an outage without a run on their origin${clients}`, () => {
    const outage = { fromMs: HOUR / 2, toMs: HOUR, retryAfterMs: undefined };
    const lengthMs = HOUR + 10 * MINUTE;
    const course = simulate({
      startWindowMs: SECOND,
      lengthMs,
      outage,
      clientsAsk,
      rotationMs: 6 * HOUR,
    });
    const requests = Array.from(
      course.full,
      (full, second) => full + (course.unchanged[second] ?? 0),
    );
    const steady = requests.slice((10 * MINUTE) / SECOND, outage.fromMs / SECOND);
    const mean = steady.reduce((sum, count) => sum + count, 0) / steady.length;
    assert.ok(Math.max(...steady) < 2 * mean, "in the steady state");
    assert.ok(Math.max(...requests.slice(outage.toMs / SECOND)) < 4 * mean, "in the recovery");
  });
}
