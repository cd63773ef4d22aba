import { RENDERED_MAX_BYTES } from "../limits.ts";
import { bytesWithin, type Put, putAll } from "../system/secret-bytes.ts";

/** Puts the bytes of a value, written another way. */
type Filter = (value: Uint8Array, put: Put) => void;

/** The filters of a template but `default` (contract, section 9). */
const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ["json", json],
  ["base64", base64],
  ["url", url],
  ["shell", shell],
]);

export const FILTER_NAMES: readonly string[] = [...FILTERS.keys()];

/**
 * A filter takes over the value, and gives another buffer that the caller wipes; undefined where that would be
 * longer than any file: filters that double what they are given must not go on until the memory is full.
 */
export type NamedFilter = (value: Buffer) => Buffer | undefined;

export function filterNamed(name: string): NamedFilter | undefined {
  const filter = FILTERS.get(name);
  if (filter === undefined) return undefined;
  return (value) => {
    const filtered = bytesWithin(RENDERED_MAX_BYTES, (put) => filter(value, put));
    value.fill(0);
    return filtered;
  };
}

/** A JSON string with its quotes (RFC 8259, section 7). */
function json(value: Uint8Array, put: Put): void {
  put(QUOTATION);
  for (const byte of value) {
    if (byte === QUOTATION || byte === BACKSLASH) put(BACKSLASH);
    if (byte >= SPACE) put(byte);
    else {
      putAll(UNICODE_ESCAPE, put);
      putHex(byte, put);
    }
  }
  put(QUOTATION);
}

/** With padding (RFC 4648, section 4). */
function base64(value: Uint8Array, put: Put): void {
  for (let at = 0; at < value.length; at += 3) {
    const [first = 0, second, third] = [value[at], value[at + 1], value[at + 2]];
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    put(ALPHABET[bits >> 18] ?? 0);
    put(ALPHABET[(bits >> 12) & 63] ?? 0);
    put(second === undefined ? PADDING : (ALPHABET[(bits >> 6) & 63] ?? 0));
    put(third === undefined ? PADDING : (ALPHABET[bits & 63] ?? 0));
  }
}

/** Fit for any part of a URL: everything but the unreserved characters as `%XX` (RFC 3986, section 2). */
function url(value: Uint8Array, put: Put): void {
  for (const byte of value) {
    if (UNRESERVED.has(byte)) put(byte);
    else {
      put(PERCENT);
      putHex(byte, put);
    }
  }
}

/** One word of a POSIX shell, in single quotes (POSIX, Shell Command Language, 2.2.2). */
function shell(value: Uint8Array, put: Put): void {
  put(APOSTROPHE);
  for (const byte of value) {
    if (byte === APOSTROPHE) putAll(APOSTROPHE_OUTSIDE, put);
    else put(byte);
  }
  put(APOSTROPHE);
}

function putHex(byte: number, put: Put): void {
  put(HEX[byte >> 4] ?? 0);
  put(HEX[byte & 15] ?? 0);
}

const UNICODE_ESCAPE = Buffer.from(String.raw`\u00`);
const APOSTROPHE_OUTSIDE = Buffer.from(String.raw`'\''`);
const HEX = Buffer.from("0123456789ABCDEF");
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABET = Buffer.from(`${letters}+/`);
const UNRESERVED: ReadonlySet<number> = new Set(Buffer.from(`${letters}-._~`));
const PERCENT = 0x25;
const PADDING = 0x3d;
const QUOTATION = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
