import { AgentError } from "../errors.ts";
import { NAME_MAX_LENGTH } from "../limits.ts";
import type { Timestamp } from "./artifact.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object's own property; never one that it inherits. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/**
 * A string field that goes into the signing payload: there, fields are joined by newlines, so a
 * control character could move text from one field to another (contract, section 1).
 */
export function signedText(object: JsonObject, name: string): string {
  const value = own(object, name);
  if (value === undefined) throw new AgentError("missing_fields", `the field ${name} is missing`);
  if (typeof value !== "string" || value === "") throw shape(name, "must be a non-empty string");
  if (/\p{Cc}/u.test(value)) throw shape(name, "holds a control character");
  if (!value.isWellFormed()) throw shape(name, "is not well-formed Unicode");
  return value;
}

/**
 * A signed field that is remembered, written to disk and quoted in log lines, so it must not be
 * longer than any name is.
 */
export function signedName(object: JsonObject, field: string): string {
  const text = signedText(object, field);
  if (text.length > NAME_MAX_LENGTH) {
    throw shape(field, `is longer than ${NAME_MAX_LENGTH} characters`);
  }
  return text;
}

export function timestamp(object: JsonObject, name: string): Timestamp {
  const text = signedText(object, name);
  const ms = parseTimestamp(text);
  if (ms === undefined) throw shape(name, "is not an ISO-8601 date with a time zone");
  return { text, ms };
}

export function base64(object: JsonObject, name: string, bytes?: number): string {
  const text = signedText(object, name);
  const decoded = decodeBase64(text);
  if (decoded === undefined) throw shape(name, "is not strict base64");
  if (bytes !== undefined && decoded.length !== bytes)
    throw shape(name, `must hold ${bytes} bytes`);
  return text;
}

/** The bytes of canonical, padded base64 (RFC 4648, section 4), or undefined for anything else. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

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
