import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RETIRE_GRACE_MS } from "../../../src/limits.ts";
import { payloadTag, Snapshot } from "../../../src/store/snapshot.ts";
import { coded } from "../../support/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { isZero, snapshotOf } from "../../support/snapshots.ts";

const NESTED = { app: { KEY: "value", "é\n": "🔑" }, TOP: "top" };
const reader = (): { cutOff(): void; cut: number } => ({
  cut: 0,
  cutOff() {
    this.cut++;
  },
});

describe("a snapshot", () => {
  test("has the payload as it is, flat, its names, and each value", () => {
    const { snapshot, plaintext } = snapshotOf(NESTED);
    assert.equal(snapshot.nested, plaintext);
    assert.deepEqual(JSON.parse(snapshot.flat.toString()), {
      app__KEY: "value",
      "app__é\n": "🔑",
      TOP: "top",
    });
    assert.equal(snapshot.flat, snapshot.flat);
    assert.deepEqual(JSON.parse(snapshot.keysJson.toString()), ["app__KEY", "app__é\n", "TOP"]);
    const values = snapshot.index.entries.map((entry) => snapshot.valueJson(entry).toString());
    assert.deepEqual(values, ['{"value":"value"}', '{"value":"🔑"}', '{"value":"top"}']);
  });

  test("of no secrets is empty in every form", () => {
    const { snapshot } = snapshotOf({ app: {} });
    assert.equal(snapshot.flat.toString(), "{}");
    assert.equal(snapshot.keysJson.toString(), "[]");
  });

  test("that is refused leaves no plaintext behind", () => {
    for (const text of ['{"KEY":7}', '{"KEY":"v"', "[]", '{"a":"b","a":"c"}']) {
      const plaintext = Buffer.from(text);
      assert.throws(() => new Snapshot("r", "h", plaintext).check());
      assert.ok(isZero(plaintext), text);
    }
  });

  test("has a tag that follows the revision and the ciphertext", () => {
    const tag = (revision: string, ciphertextHash: string): string =>
      payloadTag({ revision, ciphertextHash });
    assert.equal(tag("a", "b"), tag("a", "b"));
    assert.equal(new Set([tag("a", "b"), tag("a", "c"), tag("b", "b")]).size, 3);
  });

  test("that is refused says which name is wrong and no value", () => {
    assert.throws(
      () => snapshotOf('{"app":{"KEY":["sk_alpha"]}}').snapshot.check(),
      (error: Error) => {
        assert.doesNotMatch(error.message, /sk_alpha/);
        return coded("payload_shape", /app__KEY/)(error);
      },
    );
  });
});

describe("a snapshot that is lent", () => {
  const lent = (): ReturnType<typeof snapshotOf> & { clock: FakeClock; wiped: () => number } => {
    const clock = new FakeClock();
    const { snapshot, plaintext } = snapshotOf(NESTED);
    let wiped = 0;
    snapshot.limitToOneUse(clock, 1_000, () => wiped++);
    return { snapshot, plaintext, clock, wiped: () => wiped };
  };

  test("is wiped when its reader lets go, whether it was held or not", async () => {
    for (const held of [true, false]) {
      const { snapshot, plaintext, clock, wiped } = lent();
      const { flat } = snapshot;
      const one = reader();
      if (held) snapshot.hold(one);
      assert.equal(isZero(plaintext), false);
      snapshot.release(one);
      assert.ok(isZero(plaintext));
      assert.ok(isZero(flat));
      await clock.advance(10_000);
      assert.equal(wiped(), 1);
      assert.equal(one.cut, 0);
    }
  });

  test("is wiped in the end though nobody ever let go, and cuts off who still reads", async () => {
    const { snapshot, plaintext, clock, wiped } = lent();
    const slow = reader();
    snapshot.hold(slow);
    await clock.advance(1_000 + RETIRE_GRACE_MS - 1);
    assert.deepEqual([isZero(plaintext), slow.cut], [false, 0]);
    await clock.advance(1);
    assert.deepEqual([isZero(plaintext), slow.cut, wiped()], [true, 1, 1]);

    const forgotten = lent();
    await forgotten.clock.advance(1_000);
    assert.deepEqual([isZero(forgotten.plaintext), forgotten.wiped()], [true, 1]);
  });

  test("can be retired before that", async () => {
    const { snapshot, plaintext, clock, wiped } = lent();
    snapshot.retire(clock);
    assert.ok(isZero(plaintext));
    snapshot.release(reader());
    await clock.advance(10_000);
    assert.equal(wiped(), 1);
  });
});

describe("retiring a snapshot", () => {
  test("wipes the payload and its flat form to zeros at once when nobody reads", () => {
    const { snapshot, plaintext } = snapshotOf(NESTED);
    const { flat } = snapshot;
    snapshot.retire(new FakeClock());
    assert.ok(isZero(plaintext));
    assert.ok(isZero(flat));
  });

  test("waits for the last reader, then wipes without cutting anyone off", async () => {
    const clock = new FakeClock();
    const { snapshot, plaintext } = snapshotOf(NESTED);
    const [one, other] = [reader(), reader()];
    snapshot.hold(one);
    snapshot.hold(other);
    snapshot.retire(clock);
    snapshot.release(one);
    assert.equal(isZero(plaintext), false);
    snapshot.release(other);
    assert.ok(isZero(plaintext));
    await clock.advance(10_000);
    assert.deepEqual([one.cut, other.cut], [0, 0]);
  });

  test("cuts off readers that take too long, before the wipe", async () => {
    const clock = new FakeClock();
    const { snapshot, plaintext } = snapshotOf(NESTED);
    let atCutOff: boolean | undefined;
    snapshot.hold({ cutOff: () => (atCutOff = isZero(plaintext)) });
    snapshot.retire(clock);
    await clock.advance(RETIRE_GRACE_MS - 1);
    assert.equal(atCutOff, undefined);
    await clock.advance(1);
    assert.equal(atCutOff, false);
    assert.ok(isZero(plaintext));
  });

  test("wipes a flat form that was made while it waited", async () => {
    const clock = new FakeClock();
    const { snapshot } = snapshotOf(NESTED);
    snapshot.hold(reader());
    snapshot.retire(clock);
    const { flat } = snapshot;
    await clock.advance(RETIRE_GRACE_MS);
    assert.ok(isZero(flat));
  });

  test("twice is once", async () => {
    const clock = new FakeClock();
    const { snapshot } = snapshotOf(NESTED);
    const slow = reader();
    snapshot.hold(slow);
    snapshot.retire(clock);
    snapshot.retire(clock);
    await clock.advance(5_000);
    assert.equal(slow.cut, 1);
  });

  test("is not done by readers who let go of a live one", () => {
    const { snapshot, plaintext } = snapshotOf(NESTED);
    const one = reader();
    snapshot.hold(one);
    snapshot.release(one);
    snapshot.release(reader());
    assert.equal(isZero(plaintext), false);
  });

  test("leaves values that were handed out to those who hold them", () => {
    const { snapshot } = snapshotOf({ KEY: "value" });
    const [entry] = snapshot.index.entries;
    assert.ok(entry !== undefined);
    const json = snapshot.valueJson(entry);
    snapshot.retire(new FakeClock());
    assert.equal(json.toString(), '{"value":"value"}');
  });
});
