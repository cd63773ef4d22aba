import { createCipheriv, type DecipherGCM } from "node:crypto";
import { scrubRegisters } from "./scrub-registers.ts";

/**
 * `update` writes its result into memory that it then copies and frees as it is. Pieces this small come
 * from the same free block each time, so that the next piece overwrites the one before.
 */
const PIECE = 1_024;
const BLANK: Buffer = Buffer.alloc(PIECE);
const BLANK_KEY: Buffer = Buffer.alloc(32);

/**
 * Decrypts into `plaintext`, which must be as long as `ciphertext`, and leaves no other copy.
 *
 * @throws what `decipher.final` throws if the ciphertext is not authentic; `plaintext` is blank then.
 */
export function decipherInto(
  decipher: DecipherGCM,
  ciphertext: Uint8Array,
  plaintext: Buffer,
): void {
  try {
    for (let at = 0; at < ciphertext.length; at += PIECE) {
      const piece = decipher.update(ciphertext.subarray(at, at + PIECE));
      piece.copy(plaintext, at);
      piece.fill(0);
    }
    decipher.final();
  } catch (error) {
    plaintext.fill(0);
    throw error;
  } finally {
    overwriteFreed(Math.min(PIECE, ciphertext.length), ciphertext.length % PIECE);
    scrubRegisters();
  }
}

/** Makes results of the same lengths, out of nothing secret, in the blocks that were freed last. */
function overwriteFreed(...lengths: readonly number[]): void {
  const cipher = createCipheriv("aes-256-gcm", BLANK_KEY, BLANK.subarray(0, 12));
  for (const length of lengths) cipher.update(BLANK.subarray(0, length));
  cipher.final();
}
