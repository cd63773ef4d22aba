import { monotonicMs } from "./monotonic.ts";

/** One reading of both clocks of the machine. */
export interface Instant {
  /** Unix time in milliseconds; can jump in either direction. */
  readonly wallMs: number;
  /** Milliseconds that only grow, but stand still while the machine is suspended. */
  readonly monoMs: number;
}

export interface Timer {
  cancel(): void;
}

/** The only way for the agent to know the time; tests inject their own. */
export interface Clock {
  now(): Instant;
  /** Calls `fn` once after `ms` milliseconds of monotonic time. */
  after(ms: number, fn: () => void): Timer;
}

/** What setTimeout can count, almost 25 days. It would fire at once for anything longer. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => ({ wallMs: Date.now(), monoMs: monotonicMs() }),
  after(ms, fn) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const next = Math.min(leftMs, LONGEST_TIMEOUT_MS);
      handle = setTimeout(() => (leftMs > next ? wait(leftMs - next) : fn()), next);
    };
    wait(ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * Milliseconds between two instants: the larger of what the two clocks say (contract, section 4).
 * A suspended machine ages by its wall clock, a clock set back ages by its monotonic one.
 */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(to.wallMs - from.wallMs, to.monoMs - from.monoMs);
}

/** The instant that lies `ageMs` before `now` on both clocks. */
export function instantBefore(now: Instant, ageMs: number): Instant {
  return { wallMs: now.wallMs - ageMs, monoMs: now.monoMs - ageMs };
}

/**
 * Unix time in milliseconds that a clock set back cannot lower: what the wall clock says, or what
 * it said at `anchor` plus the monotonic time since.
 */
export function steadyWallMs(anchor: Instant, now: Instant): number {
  return anchor.wallMs + elapsedMs(anchor, now);
}
