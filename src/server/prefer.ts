import { MAX_WAIT_SECONDS } from "../limits.ts";

/**
 * The seconds of the first `wait` among the preferences, at most `MAX_WAIT_SECONDS` (RFC 7240,
 * section 4.3). Names are told apart without regard to case, values may be quoted, and parameters after
 * a semicolon do not count.
 *
 * @param values - of all Prefer headers, in their order.
 * @returns undefined where there is none, or where it is no whole number.
 */
export function waitPreference(values: readonly string[]): number | undefined {
  for (const preference of values.flatMap(splitList)) {
    const [name = ""] = /^[^=;\s"]+/.exec(preference) ?? [];
    if (name.toLowerCase() === "wait") return secondsOf(preference.slice(name.length).trimStart());
  }
  return undefined;
}

/** The members of a comma-separated list; a comma within quotes is no separator. */
function splitList(text: string): readonly string[] {
  return Array.from(text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g), ([member]) => member.trim());
}

/**
 * @param rest - what stands behind the name. It is cut piece by piece: one pattern for all of it took tenths of a
 * second for thousands of blanks.
 */
function secondsOf(rest: string): number | undefined {
  if (!rest.startsWith("=")) return undefined;
  const text = rest.slice(1).trimStart();
  const [value = ""] = /^(?:"(?:[^"\\]|\\.)*"|[^;\s"]*)/.exec(text) ?? [];
  const behind = text.slice(value.length).trimStart();
  const digits = value.replaceAll('"', "");
  if (!/^\d+$/.test(digits) || (behind !== "" && !behind.startsWith(";"))) return undefined;
  return Math.min(Number(digits), MAX_WAIT_SECONDS);
}
