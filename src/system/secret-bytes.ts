import { secretBuffer } from "./secret-buffer.ts";

/** Takes one byte. */
export type Put = (byte: number) => void;

/**
 * Makes a buffer of what `fill` puts, which is asked twice: once to count, once to write. So no smaller
 * buffer with a piece of a secret is left behind, and nothing native copies. The caller wipes it.
 */
export function bytesOf(fill: (put: Put) => void): Buffer {
  let length = 0;
  fill(() => length++);
  const bytes = secretBuffer(length);
  let at = 0;
  fill((byte) => (bytes[at++] = byte));
  return bytes;
}

/** Puts a text that is no secret. */
export function putText(text: string, put: Put): void {
  for (const byte of Buffer.from(text)) put(byte);
}
