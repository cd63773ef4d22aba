import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newCachedStore } from "../../support/custody.ts";
import { pack } from "../../support/artifacts.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { heldBy, isZero } from "../../support/snapshots.ts";
import { verified } from "../../support/verified.ts";

const one = verified(await pack({ secrets: { KEY: "one" } }));
const two = verified(await pack({ secrets: { KEY: "two", MORE: "x" } }));

describe("the cached store", () => {
  test("counts the keys of what it stages", async () => {
    const store = newCachedStore(new FakeClock());
    assert.equal((await store.stage(one)).keyCount, 1);
    assert.equal((await store.stage(two)).keyCount, 2);
  });

  test("gives every reader the same plaintext, decrypted once, at once", async () => {
    const store = newCachedStore(new FakeClock());
    (await store.stage(one)).commit();
    const opened = heldBy(store);
    assert.ok(opened !== undefined);
    assert.equal(store.open(), opened);
    opened.release({ cutOff: () => undefined });
    assert.equal(opened.nested.toString(), '{"KEY":"one"}');
  });

  test("wipes at once what nobody reads when it is replaced, dropped or over", async () => {
    const store = newCachedStore(new FakeClock());
    (await store.stage(one)).commit();
    const first = heldBy(store)?.nested;
    (await store.stage(two)).commit();
    assert.ok(first !== undefined && isZero(first));
    const second = heldBy(store)?.nested;
    store.wipe();
    assert.ok(second !== undefined && isZero(second));
  });
});
