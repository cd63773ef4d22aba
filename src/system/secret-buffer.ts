/**
 * A blank buffer for a secret. A short one made in any other way lives inside of the JavaScript heap,
 * from where V8 copies it out when native code first looks at it: a wipe would reach the second copy
 * alone.
 */
export function secretBuffer(length: number): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(length));
}
