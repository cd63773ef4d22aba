import { usage } from "./options.ts";

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Milliseconds of a duration such as `90s`, `45m`, `12h` or `30d`; a bare number is seconds.
 *
 * @param leastMs - the shortest that is taken.
 * @throws AgentError `usage`.
 */
export function parseDuration(text: string, option: string, leastMs = 1): number {
  const [found, digits, unit] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const factor = unit === "m" || unit === "h" || unit === "d" ? UNIT_MS[unit] : UNIT_MS.s;
  const ms = Number(digits ?? 0) * factor;
  if (found !== undefined && ms >= leastMs && ms <= 100 * 365 * UNIT_MS.d) return ms;
  throw usage(`${option} must be a duration such as 90s, 45m, 12h or 30d`);
}
