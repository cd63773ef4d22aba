/** Kept: to look it up again takes longer than to read the clock. */
const { hrtime } = process;

/**
 * Milliseconds that only grow, from a beginning that means nothing, but stand still while the machine is suspended.
 * `performance.now()` reads the same clock, and Node.js loads nine modules the first time that it is asked for.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
