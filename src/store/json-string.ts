import { bytesOf, type Put } from "../system/secret-bytes.ts";
import type { Span } from "./json-scanner.ts";

/**
 * The UTF-8 bytes that a JSON string stands for, in a buffer of their own that the caller wipes.
 *
 * @returns undefined for half of a surrogate pair, which stands for no text.
 */
export function stringBytes(source: Uint8Array, span: Span): Buffer | undefined {
  if (!putString(source, span, () => undefined)) return undefined;
  return bytesOf((put) => void putString(source, span, put));
}

/**
 * Puts the UTF-8 bytes that a JSON string stands for (RFC 8259, section 7), without making a JavaScript
 * string, which nobody could wipe. The span was checked by `JsonScanner`, quotes included.
 *
 * @returns false for half of a surrogate pair, which stands for no text; what was put is worth nothing then.
 */
export function putString(source: Uint8Array, { start, end }: Span, put: Put): boolean {
  const last = end - 1;
  for (let at = start + 1; at < last;) {
    const byte = source[at++] ?? 0;
    if (byte !== BACKSLASH) {
      put(byte);
      continue;
    }
    const kind = source[at++] ?? 0;
    if (kind !== UNICODE_ESCAPE) {
      put(SHORT_ESCAPES.get(kind) ?? kind);
      continue;
    }
    let code = hex(source, at);
    at += 4;
    if (isSurrogate(code)) {
      const isPair = source[at] === BACKSLASH && source[at + 1] === UNICODE_ESCAPE && at < last;
      const low = isPair ? hex(source, at + 2) : 0;
      if (code > HIGH_LAST || low < LOW_FIRST || low > LOW_LAST) return false;
      code = 0x1_00_00 + ((code - HIGH_FIRST) << 10) + (low - LOW_FIRST);
      at += 6;
    }
    putUtf8(code, put);
  }
  return true;
}

function isSurrogate(code: number): boolean {
  return code >= HIGH_FIRST && code <= LOW_LAST;
}

/** RFC 3629, section 3. */
function putUtf8(code: number, put: Put): void {
  if (code < 0x80) put(code);
  else if (code < 0x8_00) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else {
    if (code < 0x1_00_00) put(0xe0 | (code >> 12));
    else {
      put(0xf0 | (code >> 18));
      put(0x80 | ((code >> 12) & 0x3f));
    }
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

function hex(source: Uint8Array, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const byte = source[digit] ?? 0;
    // "0" to "9" are 0x30 to 0x39; the low bits of "A" and "a" are 1.
    value = value * 16 + (byte <= 0x39 ? byte - 0x30 : (byte & 0x0f) + 9);
  }
  return value;
}

const BACKSLASH = 0x5c;
const UNICODE_ESCAPE = 0x75;
const HIGH_FIRST = 0xd8_00;
const HIGH_LAST = 0xdb_ff;
const LOW_FIRST = 0xdc_00;
const LOW_LAST = 0xdf_ff;

/** The rest (`"`, `\` and `/`) stand for themselves. */
const SHORT_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08], // b
  [0x66, 0x0c], // f
  [0x6e, 0x0a], // n
  [0x72, 0x0d], // r
  [0x74, 0x09], // t
]);
