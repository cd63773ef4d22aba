import { secretBuffer } from "../system/secret-buffer.ts";

/**
 * Base64 (RFC 4648, sections 4 and 5) from bytes to bytes. Node.js goes by way of a string, and a
 * string that holds a data key cannot be wiped.
 */

export type Alphabet = "base64" | "base64url";

const COMMON = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const SYMBOLS: Readonly<Record<Alphabet, Buffer>> = {
  base64: Buffer.from(`${COMMON}+/`),
  base64url: Buffer.from(`${COMMON}-_`),
};
const PAD = "=".charCodeAt(0);
const NONE = 0xff;

/** Either alphabet, from symbol to its six bits. */
const VALUES: Buffer = Buffer.alloc(256, NONE);
for (const symbols of Object.values(SYMBOLS)) {
  for (const [value, symbol] of symbols.entries()) VALUES[symbol] = value;
}

/** The bytes of base64 text in either alphabet, padded or not; undefined for anything else. */
export function decodeBase64Bytes(text: Uint8Array): Buffer | undefined {
  let length = text.length;
  while (length > text.length - 2 && text[length - 1] === PAD) length--;
  const padded = length < text.length;
  if (length % 4 === 1 || (padded && text.length % 4 !== 0)) return undefined;
  const bytes = secretBuffer(Math.floor((length * 3) / 4));
  let bits = 0;
  for (let at = 0; at < length; at++) {
    const value = VALUES[text[at] ?? 0] ?? NONE;
    if (value === NONE) {
      bytes.fill(0);
      return undefined;
    }
    bits = ((bits << 6) | value) & 0xff_ff;
    const filled = (at + 1) * 6;
    if (filled % 8 < 6) bytes[Math.floor(filled / 8) - 1] = bits >> (filled % 8);
  }
  return bytes;
}

/** The base64 of some bytes, padded where the alphabet is the standard one. */
export function encodeBase64Bytes(bytes: Uint8Array, alphabet: Alphabet): Buffer {
  const symbols = SYMBOLS[alphabet];
  const length = Math.ceil((bytes.length * 4) / 3);
  const padded = alphabet === "base64" ? Math.ceil(length / 4) * 4 : length;
  const text = secretBuffer(padded).fill(PAD);
  for (let at = 0; at < length; at++) {
    const bit = at * 6;
    const first = Math.floor(bit / 8);
    const pair = ((bytes[first] ?? 0) << 8) | (bytes[first + 1] ?? 0);
    text[at] = symbols[(pair >> (10 - (bit % 8))) & 0x3f] ?? PAD;
  }
  return text;
}
