import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SLICE_MS } from "../../../src/limits.ts";
import { inOneGo, inSlices, nextTurn, type Sliced } from "../../../src/system/slices.ts";

/** Keeps the processor busy for some slices, and counts the turns that others had. */
function* busy(slices: number): Sliced<string> {
  for (let slice = 0; slice < slices; slice++) {
    const end = performance.now() + SLICE_MS + 1;
    while (performance.now() < end);
    yield;
  }
  return "done";
}

describe("work in slices", () => {
  test("gives its result, and timers their turn meanwhile", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    assert.equal(await inSlices(busy(10)), "done");
    clearInterval(timer);
    assert.ok(turns >= 8, `${turns} turns`);
  });

  test("goes on without a turn as long as it is short", async () => {
    let turns = 0;
    const immediate = setImmediate(() => turns++);
    const short = (function* (): Sliced<number> {
      for (let step = 0; step < 1_000; step++) yield;
      return turns;
    })();
    const noTimePasses = (): number => 0;
    assert.equal(await inSlices(short, noTimePasses), 0);
    clearImmediate(immediate);
  });

  test("throws what it throws", async () => {
    const broken = (function* (): Sliced<never> {
      yield;
      throw new RangeError("no");
    })();
    await assert.rejects(inSlices(broken), RangeError);
  });

  test("is done at once where nothing else waits", () => {
    assert.equal(inOneGo(busy(1)), "done");
  });

  test("of many at once has one turn each", async () => {
    let turn = 0;
    let counting = true;
    const count = (): void => {
      turn++;
      if (counting) setImmediate(count);
    };
    setImmediate(count);
    const seen = await Promise.all(Array.from({ length: 5 }, () => nextTurn().then(() => turn)));
    counting = false;
    assert.equal(new Set(seen).size, 5, seen.join(", "));
  });
});
