import assert from "node:assert/strict";
import { test } from "node:test";
import { Encrypter, type Recipient, Stanza } from "age-encryption";
import { readAgeFile } from "../../../src/artifact/age-file.ts";
import { generateAgeKey } from "../../../src/keys/age-recipients.ts";
import { type AgeEncrypt, ageSeal } from "../../../src/seal/age-seal.ts";
import { AGE_IDENTITY, AGE_RECIPIENT } from "../../support/artifacts.ts";
import { ageWith } from "../../support/decrypting.ts";

const PAYLOAD = Buffer.from(JSON.stringify({ DB_URL: "postgres://user:hunter2-in-clear@db/app" }));
const SOMEBODY_ELSE = (await generateAgeKey("x25519", new Date())).recipient;
const [ONE, OTHER] = [AGE_RECIPIENT, (await generateAgeKey("x25519", new Date())).recipient];

/** The library as it is. */
const right: AgeEncrypt = async (recipients, payload) => {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(payload);
};

const isText = (recipient: string | Recipient): boolean => typeof recipient === "string";
const instead =
  (others: readonly string[]): AgeEncrypt =>
  (recipients, payload) =>
    right([...others, ...recipients.filter((recipient) => !isText(recipient))], payload);

/** A recipient that adds a stanza of its own. */
const adding = (stanza: Stanza): Recipient => ({ wrapFileKey: () => [stanza] });

/** Returns its first file ever after. */
function sameFileAgain(): AgeEncrypt {
  let first: Uint8Array | undefined;
  return async (recipients, payload) => {
    const made = await right(recipients, payload);
    first ??= made;
    return first;
  };
}

/** Encrypts right, and then returns the payload as it was in place of the end. */
function clearEnd(): AgeEncrypt {
  return async (recipients, payload) => {
    const made = await right(recipients, payload);
    const cut = made.subarray(0, made.length - payload.length);
    return Buffer.concat([cut, payload]);
  };
}

/** A library that is broken in some way, and for whom its output would do. */
const BROKEN: Readonly<Record<string, () => AgeEncrypt>> = {
  "returns the plaintext": () => async (recipients, payload) => {
    await right(recipients, payload);
    return payload;
  },
  "returns a pool of memory with the plaintext in it": () => async (recipients, payload) => {
    await right(recipients, payload);
    const pool = Buffer.alloc(8_192);
    pool.set(payload, 1_000);
    return pool;
  },
  "returns a pool of memory with the file first": () => async (recipients, payload) => {
    const pool = Buffer.alloc(8_192);
    pool.set(await right(recipients, payload));
    pool.set(payload, 4_096);
    return pool;
  },
  "returns nothing": () => async (recipients, payload) => {
    await right(recipients, payload);
    return Buffer.alloc(0);
  },
  "cuts the file short": () => async (recipients, payload) =>
    (await right(recipients, payload)).subarray(0, -1),
  "loses the payload": () => async (recipients, payload) =>
    (await right(recipients, payload)).subarray(0, -payload.length - 16),
  "encrypts to somebody else": () => instead([SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE]),
  "encrypts to nobody": () => instead([]),
  "encrypts to one more": () => (recipients, payload) =>
    right([SOMEBODY_ELSE, ...recipients], payload),
  "forgets a recipient": () => (recipients, payload) => right(recipients.slice(1), payload),
  "encrypts everything to the last recipient": () => (recipients, payload) => {
    const last = recipients.findLast((one) => isText(one)) ?? "";
    return right(
      recipients.map((one) => (isText(one) ? last : one)),
      payload,
    );
  },
  "returns the file of another time": sameFileAgain,
  "leaves the payload as it is behind a right header": clearEnd,
  "encrypts another payload of that length": () => (recipients, payload) =>
    right(recipients, Buffer.alloc(payload.length, "x")),
  "encrypts a part of the payload": () => (recipients, payload) =>
    right(recipients, payload.subarray(1)),
  "changes a byte": () => async (recipients, payload) => {
    const made = Buffer.from(await right(recipients, payload));
    made[made.length - 20] = (made.at(-20) ?? 0) ^ 1;
    return made;
  },
  "spoils the MAC of the header": () => async (recipients, payload) => {
    const made = Buffer.from(await right(recipients, payload));
    const mac = made.indexOf("\n--- ") + 5;
    made.write(made[mac] === 0x41 ? "B" : "A", mac);
    return made;
  },
  "hides the plaintext in a stanza": () => (recipients, payload) =>
    right([...recipients, adding(new Stanza(["X25519", "x"], payload))], payload),
  "puts a piece of the plaintext in the place of a key": () => (recipients, payload) => {
    const piece = Buffer.from(payload.subarray(0, 32));
    const share = piece.toString("base64").replace(/=+$/, "");
    const stanza = adding(new Stanza(["X25519", share], piece));
    return right([stanza, ...recipients.slice(1)], payload);
  },
  "never shows the file key": () => (recipients, payload) =>
    right(recipients.filter(isText), payload),
  "shows another file key": () => async (recipients, payload) => {
    const others: Recipient[] = recipients.filter((one) => typeof one !== "string");
    await Promise.all(others.map(async (other) => other.wrapFileKey(Buffer.alloc(16))));
    return right(recipients.filter(isText), payload);
  },
};

for (const [what, broken] of Object.entries(BROKEN)) {
  test(`nothing is sealed by an age library that ${what}`, async () => {
    const encrypt = broken();
    const seal = ageSeal([ONE, OTHER], encrypt);
    // What a library keeps of an earlier file does not show in the first one.
    await seal(Buffer.from('{"EARLIER":"one"}')).catch(() => undefined);
    await assert.rejects(seal(PAYLOAD), (error: Error & { code?: string }) => {
      assert.equal(error.code, "pack_unproved");
      assert.match(error.message, /^nothing was packed: .*Node\.js/);
      assert.doesNotMatch(error.message, /hunter2|AGE-SECRET/);
      return true;
    });
  });
}

test("what a library does to its own buffer later does not change what was sealed", async () => {
  let kept: Uint8Array = Buffer.alloc(0);
  const encrypt: AgeEncrypt = async (...args) => (kept = await right(...args));
  const sealed = await ageSeal([ONE], encrypt)(PAYLOAD);
  kept.fill(0);
  assert.deepEqual(await ageWith(AGE_IDENTITY)(sealed.ciphertext), PAYLOAD);
});

test("nothing of the proof is left in the file: one stanza a recipient, in their order", async () => {
  const hybrid = await generateAgeKey("hybrid", new Date());
  const { ciphertext } = await ageSeal([hybrid.recipient, ONE, OTHER])(PAYLOAD);
  const types = readAgeFile(ciphertext)?.stanzas.map(({ type }) => type);
  assert.deepEqual(types, ["mlkem768x25519", "X25519", "X25519"]);
  for (const identity of [AGE_IDENTITY, hybrid.file]) {
    assert.deepEqual(await ageWith(identity)(ciphertext), PAYLOAD);
  }
});

test("a payload may say what a header says", async () => {
  const text = "age-encryption.org/v1\n-> X25519 \n--- mlkem768x25519";
  const payload = Buffer.from(JSON.stringify({ K: text }));
  const { ciphertext } = await ageSeal([ONE])(payload);
  assert.deepEqual(await ageWith(AGE_IDENTITY)(ciphertext), payload);
});
