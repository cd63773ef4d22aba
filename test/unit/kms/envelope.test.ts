import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import type { KmsEnvelope } from "../../../src/artifact/artifact.ts";
import type { Sealed } from "../../../src/artifact/seal.ts";
import { AgentError } from "../../../src/errors.ts";
import { type Encrypt, kmsSeal, openEnvelope } from "../../../src/kms/envelope.ts";
import type { Kms } from "../../../src/kms/kms.ts";
import { BufferWatch } from "../../support/buffer-watch.ts";
import { coded } from "../../support/errors.ts";
import { isBlank } from "../../support/plaintext-watch.ts";

const PAYLOAD = Buffer.from('{"KEY":"sk_alpha_plain"}');

/** A KMS whose wrapping is to turn every bit, and that shows a test every data key that goes through. */
class OpenHandedKms implements Kms {
  readonly provider = "aws";
  readonly algorithm = "SYMMETRIC_DEFAULT";
  /** The buffers themselves that were handed in and out. */
  readonly dataKeys: Buffer[] = [];
  failure: Error | undefined;

  async wrap(keyId: string, dataKey: Buffer): Promise<{ keyId: string; wrappedKey: Buffer }> {
    this.dataKeys.push(dataKey);
    if (this.failure !== undefined) throw this.failure;
    return { keyId, wrappedKey: turned(dataKey) };
  }

  async unwrap(_: string, wrappedKey: Buffer): Promise<Buffer> {
    const dataKey = turned(wrappedKey);
    this.dataKeys.push(dataKey);
    return dataKey;
  }
}

function turned(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => byte ^ 0xff));
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

const right: Encrypt = (dataKey, iv, payload) => {
  const cipher = createCipheriv("aes-256-gcm", dataKey, iv);
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  return { ciphertext, authTag: cipher.getAuthTag() };
};

/** Encryption that is broken in some way. */
const BROKEN: Readonly<Record<string, Encrypt>> = {
  "returns the plaintext": (dataKey, iv, payload) => ({
    ...right(dataKey, iv, payload),
    ciphertext: Buffer.from(payload),
  }),
  "returns nothing": (dataKey, iv, payload) => ({
    ...right(dataKey, iv, payload),
    ciphertext: Buffer.alloc(0),
  }),
  "returns a pool of memory": (dataKey, iv, payload) => {
    const made = right(dataKey, iv, payload);
    return { ...made, ciphertext: Buffer.concat([made.ciphertext, payload]) };
  },
  "cuts the ciphertext short": (dataKey, iv, payload) => {
    const made = right(dataKey, iv, payload);
    return { ...made, ciphertext: made.ciphertext.subarray(1) };
  },
  "leaves a piece of the payload": (dataKey, iv, payload) => {
    const made = right(dataKey, iv, payload);
    return {
      ...made,
      ciphertext: Buffer.concat([made.ciphertext.subarray(0, -9), payload.subarray(-9)]),
    };
  },
  "takes another key": (dataKey, iv, payload) => right(Buffer.alloc(dataKey.length), iv, payload),
  "takes another iv": (dataKey, iv, payload) => right(dataKey, Buffer.alloc(iv.length), payload),
  "encrypts another payload": (dataKey, iv, payload) =>
    right(dataKey, iv, Buffer.alloc(payload.length, "x")),
  "gives another tag": (dataKey, iv, payload) => ({
    ...right(dataKey, iv, payload),
    authTag: randomBytes(16),
  }),
  "changes a byte": (dataKey, iv, payload) => {
    const made = right(dataKey, iv, payload);
    made.ciphertext[3] = (made.ciphertext[3] ?? 0) ^ 1;
    return made;
  },
};

for (const [what, encrypt] of Object.entries(BROKEN)) {
  test(`nothing is sealed by an encryption that ${what}`, async () => {
    const kms = new OpenHandedKms();
    await assert.rejects(
      kmsSeal(kms, "key-1", encrypt)(PAYLOAD),
      coded("pack_unproved", /^nothing was packed: /),
    );
    assert.ok(kms.dataKeys.every(isBlank));
  });
}

test("nothing is sealed by a KMS that gives the data key back in clear", async () => {
  class ClearKms extends OpenHandedKms {
    override async wrap(keyId: string, dataKey: Buffer): ReturnType<Kms["wrap"]> {
      return { keyId, wrappedKey: Buffer.concat([Buffer.from("v1:"), dataKey]) };
    }
  }
  const sealing = kmsSeal(new ClearKms(), "key-1")(PAYLOAD);
  await assert.rejects(sealing, coded("kms_failed", /in clear/));
});
