import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { monotonicMs } from "../../../src/system/monotonic.ts";
import { SharedLookup } from "../../../src/system/shared-lookup.ts";

interface Trial {
  readonly lookup: SharedLookup<string>;
  /** Starts and look-ups so far. */
  readonly counts: () => { readonly starts: number; readonly looks: number };
}

function counting(fail = false): Trial {
  let starts = 0;
  let looks = 0;
  const lookup = new SharedLookup(() => {
    const name = `start ${++starts}`;
    return async () => {
      looks++;
      await new Promise(setImmediate);
      if (fail) throw new Error(name);
      return name;
    };
  });
  return { lookup, counts: () => ({ starts, looks }) };
}

describe("a shared look-up", () => {
  test("is one for all who ask while it is under way, and another for who asks later", async () => {
    const { lookup, counts } = counting();
    const many = await Promise.all(Array.from({ length: 32 }, () => lookup.get()));
    assert.deepEqual(new Set(many), new Set(["start 1"]));
    assert.deepEqual(counts(), { starts: 1, looks: 1 });
    await lookup.get();
    assert.deepEqual(counts(), { starts: 1, looks: 2 });
  });

  test("that fails does so for all of them, and not for who asks later", async () => {
    const { lookup, counts } = counting(true);
    const many = await Promise.allSettled([lookup.get(), lookup.get()]);
    assert.ok(many.every(({ status }) => status === "rejected"));
    await assert.rejects(lookup.get());
    assert.deepEqual(counts(), { starts: 1, looks: 2 });
  });

  test("starts anew once, however many find out that what they used is stale", async () => {
    const { lookup, counts } = counting();
    const usedMs = monotonicMs();
    await lookup.get();
    for (let time = 0; time < 32; time++) lookup.forget(usedMs);
    assert.equal(await lookup.get(), "start 2");
    assert.equal(counts().starts, 2);
    lookup.forget(monotonicMs());
    assert.equal(await lookup.get(), "start 3");
    lookup.forget();
    assert.equal(await lookup.get(), "start 4");
  });

  test("that hangs when it is told to start anew is not waited for any more", async () => {
    let starts = 0;
    const lookup = new SharedLookup(() => {
      const hangs = ++starts === 1;
      return () => (hangs ? new Promise<string>(() => undefined) : Promise.resolve("later"));
    });
    void lookup.get();
    lookup.forget();
    assert.equal(await lookup.get(), "later");
  });
});
