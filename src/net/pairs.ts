import { decodeUserInfo } from "./safe-url.ts";

/**
 * Reads `key=value,key=value`, the way OpenTelemetry writes headers and resource attributes: a value
 * may hold further `=`, percent-encoding is decoded, blanks around names and values do not count.
 *
 * @returns undefined if a part has no `=`, or no key before it.
 */
export function parsePairs(text: string): ReadonlyMap<string, string> | undefined {
  const pairs = new Map<string, string>();
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const equals = part.indexOf("=");
    const key = part.slice(0, Math.max(equals, 0)).trim();
    if (key === "") return undefined;
    pairs.set(decodeUserInfo(key), decodeUserInfo(part.slice(equals + 1).trim()));
  }
  return pairs;
}

const NAME = /^[!#$%&'*+.^`|~\w-]+$/;
const VALUE = /^[\t\u0020-\u007e]*$/;

/** Headers that describe the request itself; they are not for anybody else to set. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Checks pairs as HTTP headers (RFC 9110, section 5) and puts their names in lower case.
 *
 * @throws Error that says what is wrong, without any value.
 */
export function headersOf(
  pairs: Iterable<readonly [string, string]>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [key, value] of pairs) {
    const name = key.toLowerCase();
    if (!NAME.test(name)) throw new Error("a name in it is not the name of a header");
    if (OWN.has(name)) throw new Error(`it names ${name}, which the agent sets itself`);
    if (!VALUE.test(value)) throw new Error(`its value of ${name} cannot be sent in a header`);
    headers[name] = value;
  }
  return headers;
}

/**
 * Reads a list of `key=value` as HTTP headers.
 *
 * @throws Error that says what is wrong, without any value.
 */
export function parseHeaders(text: string): Readonly<Record<string, string>> {
  const pairs = parsePairs(text);
  if (pairs === undefined) throw new Error("it is not a list of key=value, separated by commas");
  return headersOf(pairs);
}
