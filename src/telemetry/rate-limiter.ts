export interface RateLimits {
  /** What passes of one kind within a window. */
  readonly burst: number;
  readonly windowMs: number;
  /** Kinds that are told apart; the memory that a flood can take. */
  readonly maxKinds: number;
}

/** What did not pass of one kind, in a window that is over. */
export interface Summary {
  readonly kind: string;
  readonly suppressed: number;
}

interface Window {
  readonly endMs: number;
  passed: number;
  suppressed: number;
}

const OTHERS = "of other kinds";

/**
 * Lets the first few of each kind pass in every window of time, and counts the rest. A window begins
 * with the first of its kind. Knows no clock: times are monotonic milliseconds that only grow.
 */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #windows = new Map<string, Window>();

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** Whether one more of this kind may pass. */
  admits(kind: string, nowMs: number): boolean {
    const window = this.#windowOf(kind, nowMs);
    if (window.passed < this.#limits.burst) {
      window.passed++;
      return true;
    }
    window.suppressed++;
    return false;
  }

  /** When the first window ends in which something was suppressed; undefined if there is none. */
  get nextSummaryMs(): number | undefined {
    const ends = [...this.#windows.values()]
      .filter(({ suppressed }) => suppressed > 0)
      .map(({ endMs }) => endMs);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  /** What was suppressed in the windows that are over by then; each is told once. */
  summaries(nowMs: number): readonly Summary[] {
    const over = [...this.#windows].filter(([, { endMs }]) => endMs <= nowMs);
    for (const [kind] of over) this.#windows.delete(kind);
    return over.flatMap(([kind, { suppressed }]) => (suppressed > 0 ? [{ kind, suppressed }] : []));
  }

  /** A window that is over stays until its summary is asked for, and is extended by what comes till then. */
  #windowOf(kind: string, nowMs: number): Window {
    const known = this.#windows.get(kind);
    if (known !== undefined && (known.endMs > nowMs || known.suppressed > 0)) return known;
    if (known === undefined && this.#windows.size >= this.#limits.maxKinds) {
      this.#forgetQuiet(nowMs);
      if (this.#windows.size >= this.#limits.maxKinds && kind !== OTHERS) {
        return this.#windowOf(OTHERS, nowMs);
      }
    }
    const window = { endMs: nowMs + this.#limits.windowMs, passed: 0, suppressed: 0 };
    this.#windows.set(kind, window);
    return window;
  }

  /** Windows that are over and have nothing to tell. */
  #forgetQuiet(nowMs: number): void {
    for (const [kind, { endMs, suppressed }] of this.#windows) {
      if (endMs <= nowMs && suppressed === 0) this.#windows.delete(kind);
    }
  }
}
