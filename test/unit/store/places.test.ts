import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Places } from "../../../src/store/places.ts";

describe("places", () => {
  test("are given out while there are some, then there is a line, then a no", async () => {
    const places = new Places(2, 1);
    assert.equal(places.enter(), true);
    assert.equal(places.enter(), true);
    const waiting = places.enter();
    assert.ok(waiting instanceof Promise);
    assert.equal(places.enter(), false);
    places.leave();
    assert.equal(await waiting, true);
  });

  test("go to those who wait, in their order", async () => {
    const places = new Places(1, 3);
    assert.equal(places.enter(), true);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      assert.equal(await places.enter(), true);
      order.push(number);
      places.leave();
    });
    places.leave();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(places.enter(), true);
  });
});
