/**
 * Starts to count down a deadline that several steps share.
 *
 * @returns how many whole milliseconds are left; 1 once it is over, for a step that takes no 0.
 */
export function countdown(deadlineMs: number): () => number {
  const endMs = performance.now() + deadlineMs;
  return () => Math.max(1, Math.ceil(endMs - performance.now()));
}
