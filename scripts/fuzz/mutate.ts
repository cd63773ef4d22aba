import type { Mutator } from "./mutator.ts";
import { rearranged } from "./pieces.ts";

/** Numbers by a seed, so that a run can be had again (xorshift32). */
export function randomBy(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const INTERESTING = Buffer.from("\0\x01\t\n\r \"'\\/{}[]<>:;,=%#$0195aAzZ~\x7f\x80\xc3\xff");

/** The input with one to eight changes. */
export function mutate(input: Buffer, other: Buffer, mutator: Mutator): Buffer {
  let bytes: Buffer = Buffer.from(input);
  const changes = 1 << mutator.random(4);
  for (let change = 0; change < changes; change++) bytes = changed(bytes, other, mutator);
  return bytes.subarray(0, mutator.maxBytes);
}

function changed(bytes: Buffer, other: Buffer, mutator: Mutator): Buffer {
  const { random, words } = mutator;
  if (random(2) === 0) {
    const text = rearranged(bytes.toString("latin1"), other.toString("latin1"), mutator);
    return Buffer.from(text.slice(0, 2 * mutator.maxBytes), "latin1");
  }
  const at = random(bytes.length + 1);
  const length = Math.min(1 + random(1 << random(7)), bytes.length - at);
  const replaced = (piece: Uint8Array, drop: number): Buffer =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + drop)]);
  switch (random(8)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = INTERESTING[random(INTERESTING.length)] ?? 0;
      return bytes;
    case 2:
      return replaced(INTERESTING.subarray(random(INTERESTING.length)).subarray(0, 1), 0);
    case 3:
      return replaced(Buffer.alloc(0), length);
    case 4:
      return replaced(bytes.subarray(at, at + length), 0);
    case 5: {
      const word = words[random(words.length)] ?? Buffer.alloc(0);
      return replaced(word, random(2) === 0 ? 0 : Math.min(word.length, bytes.length - at));
    }
    case 6: {
      const from = random(other.length + 1);
      return replaced(other.subarray(from, from + 1 + random(64)), random(2) * length);
    }
    default: {
      const piece = bytes.subarray(at, at + length);
      return replaced(
        Buffer.concat(Array.from({ length: 1 << random(random(7) + 1) }, () => piece)),
        0,
      );
    }
  }
}
