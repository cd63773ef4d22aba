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
    const { name, value } =
      /^(?<name>[^=;\s"]+)\s*(?:=\s*(?<value>"(?:[^"\\]|\\.)*"|[^;\s"]*))?\s*(?:;|$)/.exec(
        preference,
      )?.groups ?? {};
    if (name?.toLowerCase() === "wait") return secondsOf(value);
  }
  return undefined;
}

/** The members of a comma-separated list; a comma within quotes is no separator. */
function splitList(text: string): readonly string[] {
  return Array.from(text.matchAll(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g), ([member]) => member.trim());
}

function secondsOf(value: string | undefined): number | undefined {
  const digits = value?.replace(/^"(?<inner>.*)"$/, "$<inner>") ?? "";
  return /^\d+$/.test(digits) ? Math.min(Number(digits), MAX_WAIT_SECONDS) : undefined;
}
