import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { cachedStore } from "../../../src/store/cached.ts";
import type { SecretsStore } from "../../../src/store/secrets.ts";
import { pack } from "../../support/artifacts.ts";
import { decrypt } from "../../support/decrypting.ts";
import { coded } from "../../support/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { heldBy, isZero } from "../../support/snapshots.ts";
import { verified } from "../../support/verified.ts";

const newStore = (): SecretsStore => cachedStore(decrypt, new FakeClock());
const one = verified(await pack({ secrets: { KEY: "one" } }));
const two = verified(await pack({ secrets: { KEY: "two", MORE: "x" } }));

describe("cachedStore", () => {
  test("is empty at first", () => assert.equal(newStore().open(), "empty"));

  test("does not serve what is staged before it is committed", async () => {
    const store = newStore();
    const staged = await store.stage(one);
    assert.equal(staged.keyCount, 1);
    assert.equal(store.open(), "empty");
    staged.commit();
    assert.equal(heldBy(store)?.nested.toString(), '{"KEY":"one"}');
  });

  test("wipes what it replaces", async () => {
    const store = newStore();
    (await store.stage(one)).commit();
    const before = heldBy(store)?.nested;
    (await store.stage(two)).commit();
    assert.ok(before !== undefined && isZero(before));
    assert.equal(heldBy(store)?.revision, two.fields.revision);
  });

  test("keeps what it serves when a staged artifact is dropped", async () => {
    const store = newStore();
    (await store.stage(one)).commit();
    (await store.stage(two)).discard();
    assert.equal(heldBy(store)?.nested.toString(), '{"KEY":"one"}');
  });

  test("keeps what it serves when an artifact cannot be staged", async () => {
    const store = newStore();
    (await store.stage(one)).commit();
    const bad = verified(await pack({ payload: "[]" }));
    await assert.rejects(store.stage(bad), coded("payload_shape"));
    assert.equal(heldBy(store)?.nested.toString(), '{"KEY":"one"}');
  });

  test("has nothing after a wipe, and zeros where the plaintext was", async () => {
    const store = newStore();
    (await store.stage(one)).commit();
    const before = heldBy(store)?.nested;
    store.wipe();
    store.wipe();
    assert.equal(store.open(), "empty");
    assert.ok(before !== undefined && isZero(before));
  });
});
