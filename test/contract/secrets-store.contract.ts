import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { VerifiedArtifact } from "../../src/artifact/verify.ts";
import { RETIRE_GRACE_MS } from "../../src/limits.ts";
import type { SecretsStore } from "../../src/store/secrets.ts";
import { Snapshot } from "../../src/store/snapshot.ts";
import { pack } from "../support/artifacts.ts";
import type { MakeStore } from "../support/custody.ts";
import { coded } from "../support/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { PlaintextWatch } from "../support/plaintext-watch.ts";
import { isZero, readOnce } from "../support/snapshots.ts";
import { verified } from "../support/verified.ts";

const one = verified(await pack({ secrets: { KEY: "one" } }));
const two = verified(await pack({ secrets: { KEY: "two", MORE: "x" } }));
const noSecrets = verified(await pack({ payload: '["correct horse"]' }));

/** What every store does, whatever it keeps. */
export function secretsStoreContract(name: string, makeStore: MakeStore): void {
  const newStore = (): SecretsStore => makeStore(new FakeClock());
  const holding = async (artifact: VerifiedArtifact, clock = new FakeClock()) => {
    const store = makeStore(clock);
    (await store.stage(artifact)).commit();
    return store;
  };
  const textIn = (store: SecretsStore): Promise<unknown> =>
    readOnce(store, (snapshot) => snapshot.nested.toString());

  describe(`the ${name} store`, () => {
    test("is empty at first", async () => assert.equal(await newStore().open(), "empty"));

    test("serves what was committed, and nothing that is only staged", async () => {
      const store = newStore();
      const staged = await store.stage(one);
      assert.equal(await store.open(), "empty");
      staged.commit();
      assert.equal(await textIn(store), '{"KEY":"one"}');
    });

    test("serves what was committed last, under its revision", async () => {
      const store = await holding(one);
      (await store.stage(two)).commit();
      assert.equal(await textIn(store), '{"KEY":"two","MORE":"x"}');
      assert.equal(await readOnce(store, ({ revision }) => revision), two.fields.revision);
    });

    test("keeps what it serves when a staged artifact is dropped", async () => {
      const store = await holding(one);
      (await store.stage(two)).discard();
      assert.equal(await textIn(store), '{"KEY":"one"}');
    });

    test("keeps what it serves when an artifact holds no secrets, which is refused", async (t) => {
      const store = await holding(one);
      const watch = PlaintextWatch.start(t);
      await assert.rejects(store.stage(noSecrets), coded("payload_shape"));
      assert.equal(watch.holding("correct horse"), 0);
      assert.equal(await textIn(store), '{"KEY":"one"}');
    });

    test("has nothing after a wipe", async () => {
      const store = await holding(one);
      store.wipe();
      store.wipe();
      assert.equal(await store.open(), "empty");
    });

    for (const [what, end] of Object.entries({
      "a wipe": (store: SecretsStore) => store.wipe(),
      "another artifact": async (store: SecretsStore) => (await store.stage(two)).commit(),
    })) {
      test(`leaves zeros where the plaintext was after ${what}, and cuts off who still reads`, async () => {
        const clock = new FakeClock();
        const store = await holding(one, clock);
        const opened = await store.open();
        assert.ok(opened instanceof Snapshot);
        let cut = false;
        opened.hold({ cutOff: () => (cut = true) });
        await end(store);
        await clock.advance(RETIRE_GRACE_MS - 1);
        assert.deepEqual([cut, isZero(opened.nested)], [false, false]);
        await clock.advance(1);
        assert.deepEqual([cut, isZero(opened.nested)], [true, true]);
      });
    }
  });
}
