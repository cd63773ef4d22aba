import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  nextDelayMs,
  pollIntervalMs,
  type ScheduleInput,
  startUpPatienceMs,
} from "../../../src/refresh/schedule.ts";

const SUCCESS: ScheduleInput = {
  ttlMs: 300_000,
  untilExpiryMs: Number.POSITIVE_INFINITY,
  failures: 0,
  retryAfterMs: undefined,
  firstSuccess: false,
  startUp: undefined,
};
const ALMOST_ONE = 1 - Number.EPSILON;
const after = (input: Partial<ScheduleInput>, random: number): number =>
  nextDelayMs({ ...SUCCESS, ...input }, random);

describe("the poll interval", () => {
  const never = Number.POSITIVE_INFINITY;
  test("is a tenth of the TTL", () => assert.equal(pollIntervalMs(300_000, never), 30_000));
  test("is at least 5 s", () => assert.equal(pollIntervalMs(30_000, never), 5_000));
  test("is 5 s in just-in-time mode", () => assert.equal(pollIntervalMs(0, never), 5_000));
  test("leaves a fifth of the time to expiry", () => {
    assert.equal(pollIntervalMs(300_000, 20_000), 16_000);
  });
  test("is 5 s when the expiry is near or past", () => {
    for (const left of [6_000, 0, -1e9]) assert.equal(pollIntervalMs(300_000, left), 5_000);
  });
});

describe("after a success", () => {
  test("chance takes off up to a tenth", () => {
    assert.equal(after({}, 0), 27_000);
    assert.equal(Math.round(after({}, ALMOST_ONE)), 30_000);
  });
  test("it is never less than 5 s", () => {
    assert.equal(after({ ttlMs: 30_000 }, 0), 5_000);
    assert.equal(after({ ttlMs: 0 }, 0.5), 5_000);
  });
  test("for the first time, agents that started together are spread over the interval", () => {
    assert.equal(after({ firstSuccess: true }, 0), 5_000);
    assert.equal(after({ firstSuccess: true }, 0.5), 17_500);
    assert.equal(Math.round(after({ firstSuccess: true }, ALMOST_ONE)), 30_000);
  });
});

describe("after failures", () => {
  test("the ceiling doubles up to the poll interval, and chance is full", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) =>
      Math.round(after({ failures }, ALMOST_ONE)),
    );
    assert.deepEqual(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(after({ failures: 4 }, 0.5), 4_000);
  });
  test("chance does not make it hammer the origin", () => {
    for (const failures of [1, 5, 50]) assert.equal(after({ failures }, 0), 500);
  });
  test("a wait that the origin asked for is kept, and a fleet does not return in step", () => {
    assert.equal(after({ failures: 1, retryAfterMs: 120_000 }, 0), 120_000);
    assert.equal(Math.round(after({ failures: 1, retryAfterMs: 120_000 }, ALMOST_ONE)), 150_000);
  });
  test("a wait of more than an hour is an hour", () => {
    assert.equal(after({ failures: 1, retryAfterMs: 1e12 }, 0), 3_600_000);
  });
  test("a wait of nothing is as if none was asked for", () => {
    assert.equal(after({ failures: 1, retryAfterMs: 0 }, 0.9), after({ failures: 1 }, 0.9));
  });
});

describe("while nothing is served yet", () => {
  const startUp = { sinceAttemptMs: 0, untilOverMs: Number.POSITIVE_INFINITY };
  test("the ceiling doubles up to 5 s, and chance takes off up to half", () => {
    const within = [1, 2, 3, 4, 1_000].map((failures) => [
      after({ failures, startUp }, 0),
      Math.round(after({ failures, startUp }, ALMOST_ONE)),
    ]);
    assert.deepEqual(within, [
      [500, 1_000],
      [1_000, 2_000],
      [2_000, 4_000],
      [2_500, 5_000],
      [2_500, 5_000],
    ]);
  });
  test("5 s count from the beginning of the last attempt", () => {
    const slow = { ...startUp, sinceAttemptMs: 4_500 };
    assert.equal(after({ failures: 9, startUp: slow }, 0.5), 500);
  });
  test("an attempt is made 2 s before the time is over", () => {
    assert.equal(after({ failures: 9, startUp: { ...startUp, untilOverMs: 3_000 } }, 0.5), 1_000);
    assert.equal(after({ failures: 9, startUp: { ...startUp, untilOverMs: 2_100 } }, 0.5), 100);
  });
  test("that comes at once where the attempt before it took until then", () => {
    const hung = { sinceAttemptMs: 3_000, untilOverMs: 2_000 };
    assert.equal(after({ failures: 9, startUp: hung }, 0.5), 0);
  });
  test("that was made, the schedule goes on", () => {
    assert.equal(after({ failures: 9, startUp: { ...startUp, untilOverMs: 1_900 } }, 0), 2_500);
  });
  test("a wait that the origin asked for is kept, even past the last moment", () => {
    const limited = { failures: 1, retryAfterMs: 12_000 };
    assert.equal(after({ ...limited, startUp }, 0), 12_000);
    assert.equal(Math.round(after({ ...limited, startUp }, ALMOST_ONE)), 17_000);
    const late = { ...startUp, untilOverMs: 3_000 };
    assert.equal(after({ ...limited, startUp: late }, 0.5), 12_000);
    const soon = { ...startUp, untilOverMs: 15_000 };
    assert.equal(after({ ...limited, startUp: soon }, ALMOST_ONE), 13_000);
  });
  test("a hanging request is waited for until the next attempt is due", () => {
    assert.equal(startUpPatienceMs(Number.POSITIVE_INFINITY), 4_500);
    assert.equal(startUpPatienceMs(5_000), 3_000);
    assert.equal(startUpPatienceMs(1_000), 4_500);
  });
});
