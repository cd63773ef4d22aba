import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { elapsedMs, instantBefore, steadyWallMs, systemClock } from "../../../src/system/clock.ts";

const START = { wallMs: 1_000, monoMs: 50 };
const later = (wallMs: number, monoMs: number): typeof START => ({
  wallMs: START.wallMs + wallMs,
  monoMs: START.monoMs + monoMs,
});

describe("elapsed time", () => {
  test("is the larger of what the two clocks say", () => {
    assert.equal(elapsedMs(START, later(7, 7)), 7);
    assert.equal(elapsedMs(START, later(9_000, 7)), 9_000);
    assert.equal(elapsedMs(START, later(-9_000, 7)), 7);
  });

  test("since an instant made from an age is that age", () => {
    assert.equal(elapsedMs(instantBefore(START, 400), START), 400);
  });
});

describe("steady wall time", () => {
  test("is what the wall clock says, unless it was set back", () => {
    assert.equal(steadyWallMs(START, later(100, 100)), 1_100);
    assert.equal(steadyWallMs(START, later(500, 100)), 1_500);
    assert.equal(steadyWallMs(START, later(-500, 100)), 1_100);
  });
});

describe("the system's clock", () => {
  test("calls back, and not after it was told not to", async () => {
    const called: string[] = [];
    const cancelled = systemClock.after(0, () => called.push("cancelled"));
    cancelled.cancel();
    await new Promise<void>((resolve) => void systemClock.after(1, resolve));
    assert.deepEqual(called, []);
  });

  test("waits for longer than a timer of the system can count", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const called: string[] = [];
    const month = 30 * 86_400_000;
    systemClock.after(month, () => called.push("in a month"));
    const cancelled = systemClock.after(month, () => called.push("never"));
    t.mock.timers.tick(2 ** 31 - 1);
    cancelled.cancel();
    t.mock.timers.tick(month - 2 ** 31);
    assert.deepEqual(called, []);
    t.mock.timers.tick(1);
    assert.deepEqual(called, ["in a month"]);
  });

  test("says the Unix time, and monotonic time that does not go back", () => {
    const [one, two] = [systemClock.now(), systemClock.now()];
    assert.ok(Math.abs(one.wallMs - Date.now()) < 5_000);
    assert.ok(two.monoMs >= one.monoMs);
  });
});
