import start, { type Sodium } from "libsodium";
import { AGE_CHUNK, AGE_TAG } from "../artifact/age-file.ts";
import { scrubRegisters } from "../system/scrub-registers.ts";
import type { OpenSealed } from "./open-sealed.ts";

const KEY = 32;
const NONCE = 12;

/** 63 zeros, sealed with a key and a nonce of zeros. */
const BLANK = Buffer.from(
  "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d" +
    "30e8539517f3cf1ff1689cf319fd6291",
  "hex",
);

export async function startSodium(): Promise<OpenSealed> {
  return openWith(await start({}));
}

/**
 * libsodium in WebAssembly. Its memory is a buffer of ours, so that what was worked on in there can be wiped; what
 * it leaves on its stack, the last bytes of a plaintext, is overwritten by opening a blank in the same way.
 */
export function openWith(sodium: Sodium): OpenSealed {
  const chunk = sodium._malloc(AGE_CHUNK + AGE_TAG);
  const key = sodium._malloc(KEY + NONCE);

  const open = (length: number): boolean => {
    const opened = sodium._crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      chunk,
      0,
      chunk,
      length,
      0,
      chunk + length,
      0,
      0,
      0,
      key + KEY,
      key,
    );
    return opened === 0;
  };

  return (keyBytes, nonce, sealed, room) => {
    const length = sealed.length - AGE_TAG;
    if (length < 0 || length > AGE_CHUNK || keyBytes.length !== KEY || nonce.length !== NONCE) {
      throw new Error("nothing that ChaCha20-Poly1305 sealed");
    }
    const memory = sodium.HEAPU8;
    memory.set(sealed, chunk);
    memory.set(keyBytes, key);
    memory.set(nonce, key + KEY);
    const isGood = open(length);
    if (isGood) room.set(memory.subarray(chunk, chunk + length));
    memory.fill(0, chunk, chunk + sealed.length);
    memory.fill(0, key, key + KEY + NONCE);
    memory.set(BLANK, chunk);
    if (!open(BLANK.length - AGE_TAG)) throw new Error("libsodium does not open what it should");
    scrubRegisters();
    if (!isGood) throw new Error("the tag is another");
  };
}
