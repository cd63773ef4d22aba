import { timingSafeEqual } from "node:crypto";
import { ghash } from "@noble/ciphers/_polyval.js";
import { ctr } from "@noble/ciphers/aes.js";
import { secretBuffer } from "../system/secret-buffer.ts";
import type { Sliced } from "../system/slices.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;
const BLOCK = 16;
/** Some milliseconds of work. */
const SLICE = 64 * 1024;

/**
 * Opens AES-256-GCM (NIST SP 800-38D) with an IV of 12 bytes and nothing else authenticated, in slices:
 * the library does it in one go, which for 12 MiB holds the event loop for half a second. CTR and GHASH are
 * the library's; here is only what GCM makes of them. OpenSSL is not used, as `node:crypto` leaves a copy of
 * the plaintext in memory that it frees as it is.
 *
 * @returns the only copy of the plaintext, which belongs to the caller.
 * @throws Error if the tag does not fit; nothing is decrypted then.
 */
export function* openGcm(
  key: Uint8Array,
  iv: Uint8Array,
  tag: Uint8Array,
  ciphertext: Uint8Array,
): Sliced<Buffer> {
  const authKey = ctr(key, new Uint8Array(BLOCK)).encrypt(new Uint8Array(BLOCK));
  const expected = ctr(key, counterBlock(iv, 1)).encrypt(new Uint8Array(BLOCK));
  try {
    const mac = ghash.create(authKey, ciphertext.length);
    for (let at = 0; at < ciphertext.length; at += SLICE) {
      mac.update(ciphertext.subarray(at, at + SLICE));
      yield;
    }
    mac.update(lengths(ciphertext.length));
    for (const [index, byte] of mac.digest().entries()) {
      expected[index] = (expected[index] ?? 0) ^ byte;
    }
    if (tag.length !== TAG_BYTES || !timingSafeEqual(expected, tag)) {
      throw new Error("the tag does not fit");
    }
  } finally {
    authKey.fill(0);
    expected.fill(0);
  }
  const plaintext = secretBuffer(ciphertext.length);
  for (let at = 0; at < ciphertext.length; at += SLICE) {
    const room = plaintext.subarray(at, at + SLICE);
    // The first block of the plaintext has the counter 2.
    ctr(key, counterBlock(iv, 2 + at / BLOCK)).decrypt(ciphertext.subarray(at, at + SLICE), room);
    yield;
  }
  return plaintext;
}

function counterBlock(iv: Uint8Array, counter: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.set(iv);
  block.writeUInt32BE(counter, IV_BYTES);
  return block;
}

/** In bits: of what is authenticated only, which is nothing, and of the ciphertext. */
function lengths(ciphertext: number): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.writeBigUInt64BE(BigInt(ciphertext) * 8n, 8);
  return block;
}
