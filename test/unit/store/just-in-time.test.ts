import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Decrypt } from "../../../src/decrypt/decrypt.ts";
import { AgentError } from "../../../src/errors.ts";
import { SINGLE_USE_MS, PLAINTEXTS_AT_ONCE, READERS_WAITING } from "../../../src/limits.ts";
import { justInTimeStore } from "../../../src/store/just-in-time.ts";
import type { OpenResult, SecretsStore } from "../../../src/store/secrets.ts";
import { Snapshot } from "../../../src/store/snapshot.ts";
import { nextTurn } from "../../../src/system/slices.ts";
import { pack } from "../../support/artifacts.ts";
import { decrypt } from "../../support/decrypting.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { PlaintextWatch } from "../../support/plaintext-watch.ts";
import { isZero, readOnce } from "../../support/snapshots.ts";
import { verified } from "../../support/verified.ts";

const VALUE = "correct horse battery staple";
const one = verified(await pack({ secrets: { KEY: VALUE } }));
const two = verified(await pack({ secrets: { KEY: "two" } }));
const reader = { cutOff: (): void => undefined };
const DENIED = new AgentError("kms_unwrap", "the KMS says no");

interface Trial {
  readonly store: SecretsStore;
  readonly clock: FakeClock;
  /** How often something was decrypted. */
  readonly decrypts: () => number;
  /** From now on decryption does this first. */
  readonly first: (hook: () => Promise<void> | void) => void;
}

/** A store that holds `one`. */
async function holdingOne(): Promise<Trial> {
  const clock = new FakeClock();
  let decrypts = 0;
  let hook: () => Promise<void> | void = () => undefined;
  const observed: Decrypt = async (artifact) => {
    decrypts++;
    await hook();
    return decrypt(artifact);
  };
  const store = justInTimeStore(observed, clock);
  (await store.stage(one)).commit();
  return { store, clock, decrypts: () => decrypts, first: (next) => (hook = next) };
}

function snapshot(opened: OpenResult): Snapshot {
  assert.ok(opened instanceof Snapshot);
  return opened;
}

describe("the just-in-time store", () => {
  test("has fewer plaintexts at once where they are large", async () => {
    const large = verified(await pack({ secrets: { KEY: "x".repeat(9 * 1024 * 1024) } }));
    const store = justInTimeStore(() => Promise.resolve(Buffer.from("{}")), new FakeClock());
    (await store.stage(large)).commit();
    const first = await Promise.all([store.open(), store.open(), store.open()]);
    let isOpen = false;
    const fourth = Promise.resolve(store.open()).finally(() => (isOpen = true));
    await nextTurn();
    assert.equal(isOpen, false, "32 MiB are not left for four of them");
    snapshot(first[0]).release(reader);
    snapshot(await fourth).release(reader);

    (await store.stage(one)).commit();
    const more = Array.from({ length: PLAINTEXTS_AT_ONCE - 2 }, async () => store.open());
    for (const opened of await Promise.all(more)) snapshot(opened).release(reader);
  });

  test("decrypts for every reader anew, and shares nothing between them", async () => {
    const { store, decrypts } = await holdingOne();
    const before = decrypts();
    const [first, second] = (await Promise.all([store.open(), store.open()])).map(snapshot);
    assert.equal(decrypts(), before + 2);
    assert.notEqual(first?.nested, second?.nested);
    first?.release(reader);
    assert.equal(second?.nested.toString(), JSON.stringify({ KEY: VALUE }));
  });

  test("holds no plaintext once every reader has let go", async (t) => {
    const watch = PlaintextWatch.start(t);
    const { store } = await holdingOne();
    assert.equal(watch.holding(VALUE), 0, "staging left none");
    const opened = snapshot(await store.open());
    assert.ok(opened.flat.includes(VALUE));
    assert.equal(watch.holding(VALUE), 2);
    opened.release(reader);
    assert.equal(watch.holding(VALUE), 0);
  });

  test("proves that an artifact can be decrypted before it takes the place of another", async () => {
    const { store, first } = await holdingOne();
    first(() => Promise.reject(DENIED));
    await assert.rejects(store.stage(two), DENIED);
    first(() => undefined);
    const revision = await readOnce(store, (opened) => opened.revision);
    assert.equal(revision, one.fields.revision);
  });

  test("does not say how many keys there are, which nobody knows between requests", async () => {
    const { store } = await holdingOne();
    assert.equal((await store.stage(two)).keyCount, undefined);
  });

  test("gives an error to the reader whose decryption failed and to nobody else", async () => {
    const { store, first } = await holdingOne();
    first(() => Promise.reject(DENIED));
    assert.equal(await store.open(), DENIED);
    first(() => Promise.reject(new TypeError("sk_alpha_inside")));
    const unexpected = await store.open();
    assert.ok(unexpected instanceof AgentError);
    assert.deepEqual([unexpected.code, unexpected.message], ["decrypt", "it cannot be decrypted"]);
    first(() => undefined);
    snapshot(await store.open());
  });

  test("gives nothing to a reader for whom it was decrypting when it was wiped", async (t) => {
    const watch = PlaintextWatch.start(t);
    const { store, first } = await holdingOne();
    first(() => store.wipe());
    assert.equal(await store.open(), "empty");
    assert.equal(watch.holding(VALUE), 0);
  });

  test("gives what is new to a reader for whom it was decrypting when that came", async (t) => {
    const watch = PlaintextWatch.start(t);
    const { store, first } = await holdingOne();
    const staged = await store.stage(two);
    first(() => staged.commit());
    const opened = snapshot(await store.open());
    assert.equal(opened.revision, two.fields.revision);
    assert.equal(watch.holding(VALUE), 0);
  });

  test("cuts off a reader who takes too long", async () => {
    const { store, clock } = await holdingOne();
    const opened = snapshot(await store.open());
    let cut = false;
    opened.hold({ cutOff: () => (cut = true) });
    await clock.advance(SINGLE_USE_MS - 1);
    assert.equal(cut, false);
    await clock.advance(1_000);
    assert.ok(cut);
    assert.ok(isZero(opened.nested));
  });
});

describe("a crowd before the just-in-time store", () => {
  test("is served some at a time, the rest waits, and what is too much is turned away", async () => {
    const { store, decrypts } = await holdingOne();
    const before = decrypts();
    const room = PLAINTEXTS_AT_ONCE + READERS_WAITING;
    const crowd = Array.from({ length: room + 10 }, async () => store.open());
    assert.deepEqual(await Promise.all(crowd.slice(room)), Array(10).fill("busy"));
    const served = (await Promise.all(crowd.slice(0, PLAINTEXTS_AT_ONCE))).map(snapshot);
    assert.equal(decrypts() - before, PLAINTEXTS_AT_ONCE, "and nobody of those who wait");
    for (const opened of served) opened.release(reader);
    const waited = crowd.slice(PLAINTEXTS_AT_ONCE, room).map(async (opening) => {
      snapshot(await opening).release(reader);
    });
    await Promise.all(waited);
    assert.equal(decrypts() - before, room);
  });

  test("costs nothing for those who left while they waited", async () => {
    const { store, decrypts } = await holdingOne();
    const served = await Promise.all(
      Array.from({ length: PLAINTEXTS_AT_ONCE }, async () => store.open()),
    );
    const before = decrypts();
    const left = Array.from({ length: READERS_WAITING - 1 }, async () => store.open(() => true));
    const waiting = store.open(() => false);
    snapshot(served[0] ?? "empty").release(reader);
    assert.deepEqual(new Set(await Promise.all(left)), new Set(["busy"]));
    snapshot(await waiting);
    assert.equal(decrypts() - before, 1);
  });

  test("finds every place again after failures, wipes and readers who never let go", async () => {
    const { store, clock, first } = await holdingOne();
    const open = (): Promise<readonly OpenResult[]> =>
      Promise.all(Array.from({ length: PLAINTEXTS_AT_ONCE }, async () => store.open()));
    first(() => Promise.reject(DENIED));
    for (const opened of await open()) assert.equal(opened, DENIED);
    first(() => undefined);
    (await open()).map(snapshot);
    await clock.advance(SINGLE_USE_MS);
    (await open()).map(snapshot);
    store.wipe();
    for (const opened of await open()) assert.equal(opened, "empty");
    (await store.stage(one)).commit();
    (await open()).map(snapshot);
  });
});
