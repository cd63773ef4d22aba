import { isJsonObject, type JsonObject } from "../artifact/fields.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { type Alphabet, decodeBase64Bytes, encodeBase64Bytes } from "./base64-bytes.ts";

const QUOTE = '"'.charCodeAt(0);

export interface SecretJson {
  /** The bytes of the secret member, which belong to the caller; undefined where there is none. */
  readonly secret: Buffer | undefined;
  /** The rest, in which the secret is blank. */
  readonly rest: JsonObject;
}

/**
 * Reads a JSON object one of whose members is a secret in base64, and overwrites that secret in
 * `body`. The secret never becomes a string, which could not be wiped.
 *
 * @returns undefined for what is no JSON object.
 */
export function takeSecret(body: Buffer, name: string): SecretJson | undefined {
  const text = valueOf(body, name);
  const secret = text === undefined ? undefined : decodeBase64Bytes(text);
  text?.fill(" ");
  const rest = parseObject(body);
  if (rest !== undefined) return { secret, rest };
  secret?.fill(0);
  return undefined;
}

/** A JSON object as a request's body, with one secret member in base64; the caller wipes it. */
export function withSecret(
  members: Readonly<Record<string, string>>,
  name: string,
  secret: Uint8Array,
  alphabet: Alphabet,
): Buffer<ArrayBuffer> {
  const text = encodeBase64Bytes(secret, alphabet);
  const start = Buffer.from(`${JSON.stringify(members).slice(0, -1)},${JSON.stringify(name)}:"`);
  const body = secretBuffer(start.length + text.length + 2);
  start.copy(body);
  text.copy(body, start.length);
  text.fill(0);
  body.write('"}', start.length + text.length);
  return body;
}

/** The object that some bytes hold as JSON, or undefined. */
export function parseObject(body: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Where the value of the member stands. A quote inside of a JSON string is escaped, so it is no other. */
function valueOf(body: Buffer, name: string): Buffer | undefined {
  const key = Buffer.from(JSON.stringify(name));
  for (let at = body.indexOf(key); at !== -1; at = body.indexOf(key, at + 1)) {
    const colon = skipSpace(body, at + key.length);
    const start = skipSpace(body, colon + 1);
    if (body[colon] !== ":".charCodeAt(0) || body[start] !== QUOTE) continue;
    const end = body.indexOf(QUOTE, start + 1);
    return end === -1 ? undefined : body.subarray(start + 1, end);
  }
  return undefined;
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}
