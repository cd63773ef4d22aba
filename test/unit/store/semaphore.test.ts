import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Semaphore } from "../../../src/store/semaphore.ts";

describe("a semaphore", () => {
  test("hands out its slots, then queues, then refuses", async () => {
    const semaphore = new Semaphore(2, 1);
    assert.equal(semaphore.acquire(), true);
    assert.equal(semaphore.acquire(), true);
    const waiting = semaphore.acquire();
    assert.ok(waiting instanceof Promise);
    assert.equal(semaphore.acquire(), false);
    semaphore.release();
    assert.equal(await waiting, true);
  });

  test("serves those who wait in their order", async () => {
    const semaphore = new Semaphore(1, 3);
    assert.equal(semaphore.acquire(), true);
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      assert.equal(await semaphore.acquire(), true);
      order.push(number);
      semaphore.release();
    });
    semaphore.release();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 2, 3]);
    assert.equal(semaphore.acquire(), true);
  });

  test("passes over who was cancelled, to the next who still waits", async () => {
    const semaphore = new Semaphore(1, 3);
    assert.equal(semaphore.acquire(), true);
    const left = [semaphore.acquire(() => true), semaphore.acquire(() => true)];
    const waiting = semaphore.acquire(() => false);
    semaphore.release();
    assert.deepEqual(await Promise.all([...left, waiting]), [false, false, true]);
  });

  test("has its slot free again when all who waited were cancelled", async () => {
    const semaphore = new Semaphore(1, 1);
    assert.equal(semaphore.acquire(), true);
    const left = semaphore.acquire(() => true);
    semaphore.release();
    assert.equal(await left, false);
    assert.equal(semaphore.acquire(), true);
  });

  test("has room in its queue again once some of a full one were cancelled", async () => {
    const semaphore = new Semaphore(1, 3);
    assert.equal(semaphore.acquire(), true);
    let left = false;
    const line = [semaphore.acquire(), semaphore.acquire(() => left), semaphore.acquire()];
    assert.equal(semaphore.acquire(), false);
    left = true;
    const late = semaphore.acquire();
    assert.equal(await line[1], false);
    for (const waiting of [line[0], line[2], late]) {
      semaphore.release();
      assert.equal(await waiting, true, "in their order");
    }
  });

  test("gives more slots at once to who waits, and fewer only as they are given back", async () => {
    const semaphore = new Semaphore(1, 3);
    assert.equal(semaphore.acquire(), true);
    const [second, third] = [semaphore.acquire(), semaphore.acquire()];
    semaphore.resize(3);
    assert.deepEqual(await Promise.all([second, third]), [true, true]);
    semaphore.resize(1);
    semaphore.release();
    semaphore.release();
    const fourth = semaphore.acquire();
    assert.ok(fourth instanceof Promise);
    semaphore.release();
    assert.equal(await fourth, true);
  });
});
