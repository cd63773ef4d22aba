import { isUtf8 } from "node:buffer";
import { AgentError } from "../errors.ts";
import { ARTIFACT_MAX_BYTES, ARTIFACT_MAX_TOKENS } from "../limits.ts";
import type { Sliced } from "../system/slices.ts";
import { notUtf8, trimmed } from "../system/given-text.ts";

/**
 * The value of bytes that should be a packed artifact's JSON. They are bounded in size and in what
 * JavaScript makes of them: a few bytes of JSON can become a hundred of memory.
 *
 * @throws AgentError `json_parse` or `invalid_shape`.
 */
export function* boundedJson(bytes: Uint8Array): Sliced<unknown> {
  if (bytes.length > ARTIFACT_MAX_BYTES) {
    throw new AgentError("invalid_shape", `it is larger than ${ARTIFACT_MAX_BYTES} bytes`);
  }
  if (!isUtf8(bytes)) throw new AgentError("json_parse", notUtf8(bytes));
  yield;
  const kind = kindOfText(bytes);
  if (yield* hasTooManyTokens(bytes)) {
    if (kind !== BROKEN_JSON) throw notJson(kind);
    throw new AgentError("invalid_shape", `it has more than ${ARTIFACT_MAX_TOKENS} JSON tokens`);
  }
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
    yield;
    const value: unknown = JSON.parse(trimmed(text));
    return value;
  } catch {
    throw notJson(kind);
  }
}

/** Counts what can begin a value or a member, and passes over strings. */
function* hasTooManyTokens(bytes: Uint8Array): Sliced<boolean> {
  let tokens = 0;
  let inString = false;
  let sliceEnd = SLICE_BYTES;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (at >= sliceEnd) {
      sliceEnd = at + SLICE_BYTES;
      yield;
    }
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA || byte === COLON || byte === BRACE || byte === BRACKET) tokens++;
    if (tokens > ARTIFACT_MAX_TOKENS) return true;
  }
  return false;
}

/** A millisecond or two of work. */
const SLICE_BYTES = 1024 * 1024;

const [QUOTE, BACKSLASH, COMMA, COLON, BRACE, BRACKET] = Buffer.from('"\\,:{[');

const BROKEN_JSON = "JSON cut short or damaged";

/** What an operator most often gets in place of an artifact, told by its first character. */
function kindOfText(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 64)).toString("utf8").trimStart();
  if (start.startsWith("<")) return "HTML or XML, perhaps a login or error page";
  if (start.startsWith("age-encryption.org/"))
    return "a bare age file; pack it with clef-agent pack";
  return start.startsWith("{") ? BROKEN_JSON : "other text";
}

function notJson(kind: string): AgentError {
  return new AgentError("json_parse", `it is not JSON but ${kind}`);
}
