import { type Cipheriv, createCipheriv } from "node:crypto";

/** OpenSSL uses its widest routine, which needs every register, for more than 512 bytes. */
const BLANK: Buffer = Buffer.alloc(1_024);
const KEY = Buffer.alloc(32);
const IV = Buffer.alloc(16);

let cipher: Cipheriv | undefined;

/**
 * Overwrites what the vector registers still hold of secret bytes that native code checked, copied or
 * wiped. A core dump contains the registers of every thread, and the runtime saves them to the heap now
 * and then, as when it deoptimises a function, where no wipe reaches them.
 *
 * Copying blanks is not enough: `memcpy` chooses its registers by the length, and with AVX-512 leaves
 * those from 16 up as they are when it returns. OpenSSL's ChaCha20 loads every vector register there is,
 * at their whole width (docs/reliability.md, "Core dumps").
 */
export function scrubRegisters(): void {
  cipher ??= openCipher();
  cipher.update(BLANK);
}

/** With the next best where OpenSSL was told to have approved ciphers only (FIPS 140). */
function openCipher(): Cipheriv {
  try {
    return createCipheriv("chacha20", KEY, IV);
  } catch {
    return createCipheriv("aes-256-ctr", KEY, IV);
  }
}
