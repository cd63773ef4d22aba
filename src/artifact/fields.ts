import { AgentError } from "../errors.ts";
import { DATE_MAX_LENGTH, NAME_MAX_LENGTH } from "../limits.ts";
import { inOneGo, type Sliced } from "../system/slices.ts";
import type { Timestamp } from "./artifact.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own property; never one that it inherits. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function stringField(object: JsonObject, name: string): string {
  const value = own(object, name);
  if (value === undefined) throw new AgentError("missing_fields", `the field ${name} is missing`);
  if (typeof value !== "string" || value === "") throw shape(name, "must be a non-empty string");
  return value;
}

/**
 * A string field that goes into the signing payload: there, fields are joined by newlines, so a
 * control character could move text from one field to another (contract, section 1).
 */
function signedText(object: JsonObject, name: string, maxLength: number): string {
  const value = stringField(object, name);
  if (value.length > maxLength) throw shape(name, `is longer than ${maxLength} characters`);
  if (/\p{Cc}/u.test(value)) throw shape(name, "holds a control character");
  if (!value.isWellFormed()) throw shape(name, "is not well-formed Unicode");
  return value;
}

/**
 * A signed field that is remembered, written to disk and quoted in log lines, so it must not be
 * longer than any name is.
 */
export function signedName(object: JsonObject, field: string): string {
  return signedText(object, field, NAME_MAX_LENGTH);
}

export function timestamp(object: JsonObject, name: string): Timestamp {
  const date = signedText(object, name, DATE_MAX_LENGTH);
  const ms = parseTimestamp(date);
  if (ms === undefined) throw shape(name, "is not an ISO-8601 date with a time zone");
  return { text: date, ms };
}

/** A field of strict base64, which holds no control character either; at most 16 MiB, so in slices. */
export function* longBase64(object: JsonObject, name: string): Sliced<string> {
  const encoded = stringField(object, name);
  if (!(yield* isStrictBase64(encoded))) throw shape(name, "is not strict base64");
  return encoded;
}

export function base64(object: JsonObject, name: string, maxLength: number): string {
  const { length } = stringField(object, name);
  if (length > maxLength) throw shape(name, `is longer than ${maxLength} characters`);
  return inOneGo(longBase64(object, name));
}

/** The same that must hold so many bytes. */
export function base64Bytes(object: JsonObject, name: string, bytes: number): string {
  const encoded = base64(object, name, NAME_MAX_LENGTH);
  if (Buffer.byteLength(encoded, "base64") !== bytes) throw shape(name, `must hold ${bytes} bytes`);
  return encoded;
}

/** The bytes of canonical, padded base64 (RFC 4648, section 4), or undefined for anything else. */
export function decodeBase64(encoded: string): Buffer | undefined {
  return inOneGo(isStrictBase64(encoded)) ? Buffer.from(encoded, "base64") : undefined;
}

/** Without decoding more than the end, where bits of nothing could hide. */
function* isStrictBase64(encoded: string): Sliced<boolean> {
  if (encoded.length % 4 !== 0) return false;
  const end = encoded.slice(-4);
  if (Buffer.from(end, "base64").toString("base64") !== end) return false;
  const last = encoded.length - end.length;
  for (let at = 0; at < last; at += SLICE_LENGTH) {
    if (/[^A-Za-z0-9+/]/.test(encoded.slice(at, Math.min(at + SLICE_LENGTH, last)))) return false;
    yield;
  }
  return true;
}

/** Some milliseconds of work. */
const SLICE_LENGTH = 1024 * 1024;

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Unix milliseconds of an ISO-8601 date, or undefined if it is none, such as 30 February. */
export function parseTimestamp(text: string): number | undefined {
  const [, year, month, day] = ISO_8601.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > lastDay) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

export function shape(name: string, problem: string): AgentError {
  return new AgentError("invalid_shape", `the field ${name} ${problem}`);
}
