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

  test("go past who has left, to the next who still waits", async () => {
    const places = new Places(1, 3);
    assert.equal(places.enter(), true);
    const left = [places.enter(() => true), places.enter(() => true)];
    const waiting = places.enter(() => false);
    places.leave();
    assert.deepEqual(await Promise.all([...left, waiting]), [false, false, true]);
  });

  test("are free again when all who waited have left", async () => {
    const places = new Places(1, 1);
    assert.equal(places.enter(), true);
    const left = places.enter(() => true);
    places.leave();
    assert.equal(await left, false);
    assert.equal(places.enter(), true);
  });

  test("have room in their line again once some of a full one have left", async () => {
    const places = new Places(1, 3);
    assert.equal(places.enter(), true);
    let left = false;
    const line = [places.enter(), places.enter(() => left), places.enter()];
    assert.equal(places.enter(), false);
    left = true;
    const late = places.enter();
    assert.equal(await line[1], false);
    for (const waiting of [line[0], line[2], late]) {
      places.leave();
      assert.equal(await waiting, true, "in their order");
    }
  });
});
