import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import type { Kms } from "../../src/kms/kms.ts";
import { kmsOpener } from "../../src/kms/open.ts";
import { kmsPartsHere } from "../support/network.ts";
import { coded } from "../support/errors.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";

export interface KmsUnderTest {
  readonly name: string;
  /** The permissions that a message must name. */
  readonly permissions: { readonly unwrap: RegExp; readonly wrap: RegExp };
  /** Whether the protocol can say how long to wait. */
  readonly saysHowLong: boolean;
  /** Names that must never be put into a URL. */
  readonly badKeyIds: readonly string[];
  readonly start: (context: TestContext) => Promise<FakeKms>;
}

interface OpenedEnvelope {
  readonly fake: FakeKms;
  readonly kms: Kms;
  readonly dataKey: Buffer;
  readonly wrappedKey: Buffer;
  readonly stop: AbortController;
}

/** What every KMS promises (src/kms/kms.ts), over real sockets, with credentials as in real life. */
export function kmsContract(under: KmsUnderTest): void {
  const open = async (t: TestContext): Promise<OpenedEnvelope> => {
    const fake = await under.start(t);
    fake.install();
    const stop = new AbortController();
    const kms = await kmsOpener(kmsPartsHere(stop.signal))(fake.provider);
    const dataKey = randomBytes(32);
    const { keyId, wrappedKey } = await kms.wrap(fake.keyName, dataKey);
    assert.equal(keyId, fake.keyId);
    return { fake, kms, dataKey, wrappedKey, stop };
  };

  describe(under.name, () => {
    test("gives back the data key that it wrapped, under the key's lasting name", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      assert.ok((await kms.unwrap(fake.keyId, wrappedKey)).equals(dataKey));
    });

    test("wraps the same data key in another way each time, and leaves it as it is", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      const before = Buffer.from(dataKey);
      const again = await kms.wrap(fake.keyName, dataKey);
      assert.ok(!again.wrappedKey.equals(wrappedKey));
      assert.ok(dataKey.equals(before));
    });

    test("gives everyone a data key of their own, several at once", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      const keys = await Promise.all(
        Array.from({ length: 8 }, () => kms.unwrap(fake.keyId, wrappedKey)),
      );
      keys[0]?.fill(0);
      for (const key of keys.slice(1)) assert.ok(key.equals(dataKey));
    });

    test("asks every time, so that a permission taken away counts at once", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      await kms.unwrap(fake.keyId, wrappedKey);
      fake.takeAway();
      const asked = fake.requests;
      await assert.rejects(
        kms.unwrap(fake.keyId, wrappedKey),
        refusal("kms_unwrap", fake, under.permissions.unwrap),
      );
      assert.equal(fake.requests, asked + 1);
      await assert.rejects(
        kms.wrap(fake.keyName, dataKey),
        refusal("kms_failed", fake, under.permissions.wrap),
      );
      fake.giveBack();
      assert.ok((await kms.unwrap(fake.keyId, wrappedKey)).equals(dataKey));
    });

    test("says when the key is disabled, and works again when it is enabled", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      fake.disable();
      await assert.rejects(
        kms.unwrap(fake.keyId, wrappedKey),
        refusal("kms_unwrap", fake, /disabled/),
      );
      fake.enable();
      assert.ok((await kms.unwrap(fake.keyId, wrappedKey)).equals(dataKey));
    });

    test("says when the key is of a kind that can do neither", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      fake.unfit();
      const kind = /the key is of another kind; use (?:a|an) \w+/;
      await assert.rejects(kms.unwrap(fake.keyId, wrappedKey), refusal("kms_unwrap", fake, kind));
      await assert.rejects(kms.wrap(fake.keyName, dataKey), refusal("kms_failed", fake, kind));
    });

    test("says when there is no such key", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      const missing = coded("kms_unwrap", /no such key/);
      await assert.rejects(kms.unwrap(fake.missingKeyId, wrappedKey), missing);
      await assert.rejects(
        kms.wrap(fake.missingKeyId, dataKey),
        coded("kms_failed", /no such key/),
      );
    });

    test("refuses a wrapped key of which any part was changed", async (t) => {
      const { fake, kms, wrappedKey } = await open(t);
      const step = Math.ceil(wrappedKey.length / 16);
      for (let at = 0; at < wrappedKey.length; at += step) {
        const changed = Buffer.from(wrappedKey);
        changed[at] = (changed[at] ?? 0) ^ 0x01;
        await assert.rejects(
          kms.unwrap(fake.keyId, changed),
          refusal("kms_unwrap", fake, /changed/),
        );
      }
    });

    test("asks once more after a dropped connection or a fault of the service", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      for (const fault of ["drop", "server_error", "expired_credentials"] as const) {
        fake.next(fault);
        const asked = fake.requests;
        assert.ok((await kms.unwrap(fake.keyId, wrappedKey)).equals(dataKey), fault);
        assert.equal(fake.requests, asked + 2, fault);
      }
    });

    test("gives up after the second time", async (t) => {
      const { fake, kms, wrappedKey } = await open(t);
      for (const [fault, message] of [
        ["drop", /closed the connection early/],
        ["server_error", /it answered 50\d/],
        ["expired_credentials", /does not accept these credentials/],
      ] as const) {
        fake.next(fault, fault);
        const asked = fake.requests;
        await assert.rejects(
          kms.unwrap(fake.keyId, wrappedKey),
          refusal("kms_unwrap", fake, message),
        );
        assert.equal(fake.requests, asked + 2, fault);
      }
    });

    test("does not ask again at once when there were too many requests", async (t) => {
      const { fake, kms, wrappedKey } = await open(t);
      fake.next("throttle");
      const asked = fake.requests;
      await assert.rejects(
        kms.unwrap(fake.keyId, wrappedKey),
        (error: { retryAfterMs?: number }) => {
          refusal("kms_unwrap", fake, /too many requests/)(error);
          assert.equal(error.retryAfterMs, under.saysHowLong ? 7_000 : undefined);
          return true;
        },
      );
      assert.equal(fake.requests, asked + 1);
    });

    test("believes no answer that makes no sense or was damaged on the way", async (t) => {
      const { fake, kms, dataKey, wrappedKey } = await open(t);
      for (const fault of ["garbage", "damage"] as const) {
        fake.next(fault);
        await assert.rejects(kms.unwrap(fake.keyId, wrappedKey), refusal("kms_unwrap", fake));
      }
      fake.next("garbage");
      await assert.rejects(kms.wrap(fake.keyName, dataKey), refusal("kms_failed", fake));
    });

    test("sends nothing to what is no name of a key", async (t) => {
      const { fake, kms, wrappedKey } = await open(t);
      const asked = fake.requests;
      for (const keyId of ["", ...under.badKeyIds, `${fake.keyId} `, `${fake.keyId}\n`]) {
        await assert.rejects(
          kms.unwrap(keyId, wrappedKey),
          coded("kms_unwrap", /nothing was sent/),
          keyId,
        );
      }
      assert.equal(fake.requests, asked);
    });

    test("lets go when it is told to stop", async (t) => {
      const { fake, kms, wrappedKey, stop } = await open(t);
      fake.next("hang");
      const unwrapped = kms.unwrap(fake.keyId, wrappedKey);
      stop.abort();
      await assert.rejects(unwrapped, coded("kms_unwrap"));
    });
  });
}

/** The error has this code, names the key, and is one line. */
function refusal(
  code: "kms_unwrap" | "kms_failed",
  { keyId, keyName }: FakeKms,
  message = /./,
): (thrown: unknown) => true {
  return (thrown) => {
    coded(code, message)(thrown);
    const text = String(thrown);
    assert.ok(text.includes(keyId) || text.includes(keyName), text);
    assert.equal((thrown as Error).cause, undefined);
    return true;
  };
}
