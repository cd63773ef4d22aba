import type { Clock, Instant, Timer } from "../../../src/system/clock.ts";

interface Pending {
  readonly dueMonoMs: number;
  readonly fn: () => void;
}

/** A clock that moves only when told to. Between two timers it waits only where one of them set work going. */
export class SteppingClock implements Clock {
  #now: Instant;
  readonly #pending = new Set<Pending>();

  constructor(now: Instant) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  after(ms: number, fn: () => void): Timer {
    const pending = { dueMonoMs: this.#now.monoMs + Math.max(0, ms), fn };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** The wall clock is set, or the machine sleeps: no timer runs. */
  jumpWall(ms: number): void {
    this.#now = { ...this.#now, wallMs: this.#now.wallMs + ms };
  }

  /** Lets time pass, with every timer that falls due; `settle` lets what a timer began come to rest. */
  async pass(ms: number, settle: () => Promise<void>): Promise<void> {
    const end = this.#now.monoMs + ms;
    for (
      let next = this.#next();
      next !== undefined && next.dueMonoMs <= end;
      next = this.#next()
    ) {
      this.#pending.delete(next);
      this.#moveTo(next.dueMonoMs);
      next.fn();
      await settle();
    }
    this.#moveTo(end);
  }

  /** When each pending timer falls due, in milliseconds from now. */
  dues(): readonly number[] {
    const dues = [...this.#pending].map(({ dueMonoMs }) => dueMonoMs - this.#now.monoMs);
    return dues.toSorted((a, b) => a - b);
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (first === undefined || pending.dueMonoMs < first.dueMonoMs) first = pending;
    }
    return first;
  }

  #moveTo(monoMs: number): void {
    const stepMs = Math.max(0, monoMs - this.#now.monoMs);
    this.#now = { wallMs: this.#now.wallMs + stepMs, monoMs: this.#now.monoMs + stepMs };
  }
}
