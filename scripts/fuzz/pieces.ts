import type { Mutator } from "./mutator.ts";

/** What text is made of, in most of the languages that strangers write: each finds the next one from a place on. */
const KINDS: readonly RegExp[] = [
  // A line; a line of a header or of an environment.
  /[^\n]*\n?/g,
  // A text in quotes.
  /"(?:[^"\\]|\\.)*"/gs,
  // A number.
  /-?\d+(?:\.\d+)?/g,
  // A name.
  /[\w.-]+/g,
  // A member of a JSON object whose value is plain.
  /"[^"]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[^\s,{}[\]"]+),?/gs,
  // An element of XML that holds text.
  /<([\w:]+)[^>]*>[^<]*<\/\1>/g,
  // What is in brackets, if there are no more brackets in it, with them.
  /\{[^{}]*\}|\[[^[\]]*\]|\([^()]*\)/g,
  // The same with one level more.
  /\{(?:[^{}]|\{[^{}]*\})*\}|\[(?:[^[\]]|\[[^[\]]*\])*\]/g,
];

/** Numbers on both sides of where something ends. */
const LIMITS: readonly string[] = [
  ..."0 -0 -1 1 00 0.5 1e3 1e999 -1e999 0x10 +1 29 30 31 127 128 240 241 255 256 599 600 999 1000".split(
    " ",
  ),
  ..."32767 65535 65536 2147483647 2147483648 4294967295 4294967296 8640000000000000 8640000000000001".split(
    " ",
  ),
  ..."9007199254740991 9007199254740993 18446744073709551615 18446744073709551616".split(" "),
  "9".repeat(40),
  "",
];

/** The text with one piece of it taken out, doubled, moved, or replaced by one of its kind. */
export function rearranged(text: string, other: string, { random, words }: Mutator): string {
  const kind = KINDS[random(KINDS.length)] ?? /./g;
  const piece = pieceOf(text, kind, random(text.length + 1));
  if (piece === undefined) return text;
  const { start, end } = piece;
  const found = text.slice(start, end);
  const replaced = (by: string): string => text.slice(0, start) + by + text.slice(end);
  const elsewhere = (from: string): string => {
    const at = pieceOf(from, kind, random(from.length + 1));
    return at === undefined ? "" : from.slice(at.start, at.end);
  };
  switch (random(8)) {
    case 0:
      return replaced("");
    case 1:
      return replaced(found + found);
    case 2:
      return replaced(found.repeat(2 + random(1 << random(7))));
    case 3:
      return replaced(elsewhere(other));
    case 4:
      return replaced(found + elsewhere(other));
    case 5:
      return replaced(elsewhere(text));
    case 6: {
      const word = words[random(words.length)]?.toString("latin1") ?? "";
      return replaced(found.startsWith('"') && !word.includes('"') ? `"${word}"` : word);
    }
    default: {
      const number = pieceOf(text, /-?\d+(?:\.\d+)?/g, start);
      if (number === undefined) return replaced("");
      const limit = LIMITS[random(LIMITS.length)] ?? "";
      return text.slice(0, number.start) + limit + text.slice(number.end);
    }
  }
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** The next piece of its kind from a place on, or else the first one. */
function pieceOf(text: string, kind: RegExp, from: number): Piece | undefined {
  for (const start of [from, 0]) {
    kind.lastIndex = start;
    const found = kind.exec(text);
    if (found !== null && found[0] !== "") {
      return { start: found.index, end: found.index + found[0].length };
    }
  }
  return undefined;
}
