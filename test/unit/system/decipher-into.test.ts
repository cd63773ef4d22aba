import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, type DecipherGCM, randomBytes } from "node:crypto";
import { test } from "node:test";
import { decipherInto } from "../../../src/system/decipher-into.ts";
import { isBlank } from "../../support/plaintext-watch.ts";

const key = randomBytes(32);
const iv = randomBytes(12);

function encrypted(plaintext: Buffer): { readonly ciphertext: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { ciphertext, tag: cipher.getAuthTag() };
}

function decipher(tag: Buffer): DecipherGCM {
  return createDecipheriv("aes-256-gcm", key, iv).setAuthTag(tag);
}

test("lengths of every kind around a piece come back whole", () => {
  for (const length of [0, 1, 15, 16, 17, 1_023, 1_024, 1_025, 2_048, 10_000, 300_001]) {
    const plaintext = randomBytes(length);
    const { ciphertext, tag } = encrypted(plaintext);
    const room = Buffer.allocUnsafeSlow(length);
    decipherInto(decipher(tag), ciphertext, room);
    assert.ok(room.equals(plaintext), `${length} bytes`);
  }
});

test("what is not authentic throws, and leaves nothing of what was decrypted", () => {
  for (const length of [1, 1_024, 5_000]) {
    const { ciphertext } = encrypted(Buffer.alloc(length, "secret"));
    const room = Buffer.alloc(length, 1);
    assert.throws(() => decipherInto(decipher(randomBytes(16)), ciphertext, room));
    assert.ok(isBlank(room));
  }
});
