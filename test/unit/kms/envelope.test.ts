import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import type { KmsEnvelope } from "../../../src/artifact/artifact.ts";
import type { Sealed } from "../../../src/artifact/seal.ts";
import { AgentError } from "../../../src/errors.ts";
import { kmsSeal, openEnvelope } from "../../../src/kms/envelope.ts";
import type { Kms } from "../../../src/kms/kms.ts";
import { BufferWatch } from "../../support/buffer-watch.ts";
import { coded } from "../../support/errors.ts";
import { isBlank } from "../../support/plaintext-watch.ts";

const PAYLOAD = Buffer.from('{"KEY":"sk_alpha_plain"}');

/** A KMS whose wrapping changes nothing, so that a test sees every data key that goes through. */
class OpenHandedKms implements Kms {
  readonly provider = "aws";
  readonly algorithm = "SYMMETRIC_DEFAULT";
  /** The buffers themselves that were handed in and out. */
  readonly dataKeys: Buffer[] = [];
  failure: Error | undefined;

  async wrap(keyId: string, dataKey: Buffer): Promise<{ keyId: string; wrappedKey: Buffer }> {
    this.dataKeys.push(dataKey);
    if (this.failure !== undefined) throw this.failure;
    return { keyId, wrappedKey: Buffer.from(dataKey) };
  }

  async unwrap(_: string, wrappedKey: Buffer): Promise<Buffer> {
    const dataKey = Buffer.from(wrappedKey);
    this.dataKeys.push(dataKey);
    return dataKey;
  }
}

async function sealed(kms: Kms): Promise<Sealed & { readonly envelope: KmsEnvelope }> {
  const { ciphertext, envelope } = await kmsSeal(kms, "key-1")(PAYLOAD);
  assert.ok(envelope !== undefined);
  return { ciphertext, envelope };
}

const opening = (kms: Kms, envelope: KmsEnvelope, ciphertext: Buffer): Promise<Buffer> =>
  openEnvelope(async () => kms, envelope, ciphertext);

describe("a KMS envelope", () => {
  test("gives back the payload, and says how it was made", async () => {
    const kms = new OpenHandedKms();
    const { ciphertext, envelope } = await sealed(kms);
    assert.ok((await opening(kms, envelope, ciphertext)).equals(PAYLOAD));
    assert.equal(envelope.provider, "aws");
    assert.equal(envelope.keyId, "key-1");
    assert.equal(envelope.algorithm, "SYMMETRIC_DEFAULT");
    assert.equal(Buffer.from(envelope.iv, "base64").length, 12);
    assert.equal(Buffer.from(envelope.authTag, "base64").length, 16);
    assert.ok(!ciphertext.includes("sk_alpha"));
  });

  test("has a new data key of 32 bytes and a new iv each time", async () => {
    const kms = new OpenHandedKms();
    const [one, two] = [await sealed(kms), await sealed(kms)];
    assert.notEqual(one.envelope.wrappedKey, two.envelope.wrappedKey);
    assert.notEqual(one.envelope.iv, two.envelope.iv);
    assert.equal(Buffer.from(one.envelope.wrappedKey, "base64").length, 32);
  });

  test("is opened for nobody when its algorithm is not the provider's, and nobody is asked", async () => {
    const kms = new OpenHandedKms();
    const { ciphertext, envelope } = await sealed(kms);
    const asked = kms.dataKeys.length;
    for (const algorithm of ["RSA-OAEP-256", "RSA1_5", "symmetric_default"]) {
      await assert.rejects(
        opening(kms, { ...envelope, algorithm }, ciphertext),
        coded("kms_unwrap", /SYMMETRIC_DEFAULT/),
      );
    }
    assert.equal(kms.dataKeys.length, asked);
  });

  test("is not opened with a data key of another length", async () => {
    const kms = new OpenHandedKms();
    const { ciphertext, envelope } = await sealed(kms);
    for (const length of [0, 16, 31, 33, 64]) {
      const wrappedKey = Buffer.alloc(length, 1).toString("base64");
      const opened = opening(kms, { ...envelope, wrappedKey }, ciphertext);
      await assert.rejects(opened, coded("kms_unwrap", /bytes, not 32/));
    }
    assert.ok(kms.dataKeys.slice(1).every(isBlank));
  });
});

describe("data key and plaintext are wiped", () => {
  test("after packing", async () => {
    const kms = new OpenHandedKms();
    await sealed(kms);
    assert.equal(kms.dataKeys.length, 1);
    assert.ok(kms.dataKeys.every(isBlank));
  });

  test("after a KMS that did not wrap", async () => {
    const kms = new OpenHandedKms();
    kms.failure = new AgentError("kms_failed", "no");
    await assert.rejects(kmsSeal(kms, "key-1")(PAYLOAD), coded("kms_failed"));
    assert.equal(kms.dataKeys.length, 1);
    assert.ok(kms.dataKeys.every(isBlank));
  });

  test("the data key after opening, while the plaintext is the caller's", async (t) => {
    const kms = new OpenHandedKms();
    const { ciphertext, envelope } = await sealed(kms);
    const watch = BufferWatch.start(t);
    const plaintext = await opening(kms, envelope, ciphertext);
    assert.ok(kms.dataKeys.every(isBlank));
    assert.equal(watch.holding("sk_alpha_plain"), 1);
    plaintext.fill(0);
    assert.equal(watch.holding("sk_alpha_plain"), 0);
  });

  test("both when the tag does not fit, however much was decrypted before", async (t) => {
    const kms = new OpenHandedKms();
    const { ciphertext, envelope } = await sealed(kms);
    const authTag = randomBytes(16).toString("base64");
    const watch = BufferWatch.start(t);
    const opened = opening(kms, { ...envelope, authTag }, ciphertext);
    await assert.rejects(opened, coded("decrypt", /data key does not open it/));
    assert.ok(kms.dataKeys.every(isBlank));
    assert.equal(watch.holding("sk_alpha_plain"), 0);
  });
});
