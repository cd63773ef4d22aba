import type { Clock, Instant, Timer } from "../../src/system/clock.ts";

interface Pending {
  readonly dueMonoMs: number;
  readonly fn: () => void;
}

/** A clock that moves only when told to, and runs what falls due on its way. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monoMs = 1_000;
  readonly #pending = new Set<Pending>();

  constructor(wallMs: number = Date.UTC(2026, 5, 1)) {
    this.#wallMs = wallMs;
  }

  now(): Instant {
    return { wallMs: this.#wallMs, monoMs: this.#monoMs };
  }

  after(ms: number, fn: () => void): Timer {
    const pending = { dueMonoMs: this.#monoMs + Math.max(0, ms), fn };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Sets the wall clock forward or back without any time passing. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  /** The machine sleeps: wall time passes, monotonic time and timers stand still. */
  suspend(ms: number): void {
    this.#wallMs += ms;
  }

  /** Lets time pass and runs every timer that falls due, with what it sets off, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#monoMs + ms;
    for (;;) {
      await settled();
      const next = [...this.#pending].toSorted((a, b) => a.dueMonoMs - b.dueMonoMs)[0];
      if (next === undefined || next.dueMonoMs > end) break;
      this.#pending.delete(next);
      this.#moveTo(next.dueMonoMs);
      next.fn();
    }
    this.#moveTo(end);
    await settled();
  }

  #moveTo(monoMs: number): void {
    const step = Math.max(0, monoMs - this.#monoMs);
    this.#monoMs += step;
    this.#wallMs += step;
  }
}

/** Lets everything that needs no time run: promise callbacks, and immediates such as file reads' ends. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
