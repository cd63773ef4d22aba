import { secretBuffer } from "./secret-buffer.ts";

/** Takes one byte. */
export type Put = (byte: number) => void;

/**
 * Makes a buffer of what `fill` puts, which is asked twice: once to count, once to write. So no smaller
 * buffer with a piece of a secret is left behind, and nothing native copies. The caller wipes it.
 */
export function bytesOf(fill: (put: Put) => void): Buffer {
  return filled(lengthOf(fill), fill);
}

/** The same, or undefined where it would be more than `most` bytes. */
export function bytesWithin(most: number, fill: (put: Put) => void): Buffer | undefined {
  const length = lengthOf(fill);
  return length > most ? undefined : filled(length, fill);
}

function lengthOf(fill: (put: Put) => void): number {
  let length = 0;
  fill(() => length++);
  return length;
}

function filled(length: number, fill: (put: Put) => void): Buffer {
  const bytes = secretBuffer(length);
  let at = 0;
  fill((byte) => (bytes[at++] = byte));
  return bytes;
}

/** Puts bytes that are no secret. */
export function putAll(bytes: Uint8Array, put: Put): void {
  for (let at = 0; at < bytes.length; at++) put(bytes[at] ?? 0);
}
