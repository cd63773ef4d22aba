/** Bytes that nobody meets by chance: two random pieces of this size are equal once in 2^64 times. */
const PIECE = 8;

/** Whether a ciphertext holds any eight successive bytes of the plaintext, or all of a shorter one. */
export function holdsPieceOf(plaintext: Uint8Array, ciphertext: Uint8Array): boolean {
  // Fewer than eight bytes can be met by chance, and four of them hardly.
  if (plaintext.length < PIECE) {
    return plaintext.length >= PIECE / 2 && Buffer.from(ciphertext).includes(plaintext);
  }
  const pieces = new PieceIndex(plaintext);
  for (let at = 0; at + PIECE <= ciphertext.length; at++)
    if (pieces.has(ciphertext, at)) return true;
  return false;
}

/** Finds a piece among all those of a text, in time that does not grow with the text. */
class PieceIndex {
  readonly #text: Uint8Array;
  readonly #mask: number;
  /** By hash, where the last piece with that hash begins, plus one; 0 for none. */
  readonly #heads: Int32Array;
  /** By place, where the one before it with the same hash begins, plus one. */
  readonly #before: Int32Array;

  constructor(text: Uint8Array) {
    const size = 2 ** Math.ceil(Math.log2(text.length + 1));
    this.#text = text;
    this.#mask = size - 1;
    this.#heads = new Int32Array(size);
    this.#before = new Int32Array(text.length);
    for (let at = 0; at + PIECE <= text.length; at++) {
      const hash = this.#hash(text, at);
      const head = this.#heads[hash] ?? 0;
      // The same byte over and over must not become one long chain.
      if (head > 0 && this.#same(text, at, head - 1)) continue;
      this.#before[at] = head;
      this.#heads[hash] = at + 1;
    }
  }

  has(other: Uint8Array, at: number): boolean {
    for (let found = this.#heads[this.#hash(other, at)] ?? 0; found > 0;) {
      if (this.#same(other, at, found - 1)) return true;
      found = this.#before[found - 1] ?? 0;
    }
    return false;
  }

  #same(other: Uint8Array, at: number, mine: number): boolean {
    for (let index = 0; index < PIECE; index++) {
      if (other[at + index] !== this.#text[mine + index]) return false;
    }
    return true;
  }

  #hash(bytes: Uint8Array, at: number): number {
    let hash = 0;
    for (let index = 0; index < PIECE; index++) {
      hash = Math.imul(hash, 0x01000193) ^ (bytes[at + index] ?? 0);
    }
    return (Math.imul(hash, 0x85ebca6b) >>> 7) & this.#mask;
  }
}
