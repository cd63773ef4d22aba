import { monotonicMs } from "./monotonic.ts";

/**
 * Starts to count down a deadline that several steps share.
 *
 * @param nowMs - monotonic milliseconds.
 * @returns how many whole milliseconds are left; 1 once it is over, for a step that takes no 0.
 */
export function countdown(deadlineMs: number, nowMs: () => number = monotonicMs): () => number {
  const endMs = nowMs() + deadlineMs;
  return () => Math.max(1, Math.ceil(endMs - nowMs()));
}
