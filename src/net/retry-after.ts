import type { AnswerHeaders } from "./answer-headers.ts";

/**
 * How long the other side asks us to wait, in milliseconds, or undefined if it does not say:
 * `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
 */
export function retryAfterMs(headers: AnswerHeaders, nowMs: number): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
