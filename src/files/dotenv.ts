import { AgentError } from "../errors.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { putString } from "../store/json-string.ts";
import { listOf } from "./names.ts";
import { bytesOf, type Put } from "../system/secret-bytes.ts";

/**
 * `secrets.env`: a line `NAME='value'` for every secret by its flat name. POSIX shells, Node.js and
 * python-dotenv read it the same; what they read differently is refused (contract, section 9).
 *
 * @throws AgentError `files_value` that names what is refused.
 */
export function dotenvFile(secrets: Snapshot): Buffer {
  const { entries } = secrets.index;
  const badNames = entries.map(({ name }) => name).filter((name) => !NAME.test(name));
  if (badNames.length > 0) {
    throw refused(`${listOf(badNames)}: a name there has letters, digits and underscores only`);
  }
  const refusedValues = entries.flatMap(({ name, value }) => {
    const problem = problemOf((put) => putString(secrets.nested, value, put));
    return problem === undefined ? [] : [{ name, problem }];
  });
  const [first] = refusedValues;
  if (first !== undefined) {
    throw refused(
      `${listOf(refusedValues.map(({ name }) => name))}: shells and dotenv readers do not agree on a value with ${first.problem}`,
    );
  }
  return bytesOf((put) => {
    for (const { name, value } of entries) {
      for (let at = 0; at < name.length; at++) put(name.charCodeAt(at));
      put(EQUALS);
      put(QUOTE);
      putString(secrets.nested, value, put);
      put(QUOTE);
      put(NEWLINE);
    }
  });
}

/** What the readers would not agree on. python-dotenv unescapes, expands, and reads line ends as text. */
function problemOf(fill: (put: Put) => boolean): string | undefined {
  let problem: string | undefined;
  let before = 0;
  const isText = fill((byte) => {
    if (byte === QUOTE) problem ??= "a single quote";
    if (byte === BACKSLASH && before === BACKSLASH) problem ??= "two backslashes in a row";
    if (byte === BRACE && before === DOLLAR) problem ??= "${";
    if (byte === RETURN) problem ??= "a carriage return";
    if (byte === 0) problem ??= "a NUL";
    before = byte;
  });
  if (!isText) return "half of a surrogate pair, which is no text";
  return problem ?? (before === BACKSLASH ? "a backslash at its end" : undefined);
}

function refused(problem: string): AgentError {
  return new AgentError(
    "files_value",
    `secrets.env cannot hold ${problem}; use the format keys or json instead (CLEF_AGENT_FILES_FORMAT)`,
  );
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const QUOTE = 0x27;
const BACKSLASH = 0x5c;
const DOLLAR = 0x24;
const BRACE = 0x7b;
const EQUALS = 0x3d;
const RETURN = 0x0d;
const NEWLINE = 0x0a;
