import type { Source } from "../source/source.ts";
import { type Clock, elapsedMs, type Instant } from "../system/clock.ts";
import { hedged } from "./hedged-source.ts";
import { startUpPatienceMs, type StartUpTimes } from "./schedule.ts";

export interface StartUpOptions {
  readonly source: Source;
  readonly clock: Clock;
  /** How long the first artifact is tried for, in milliseconds; 0 is for ever. */
  readonly startUpMs: number;
}

/** What the schedule asks of the start-up, which begins now, and the source as it is asked in it. */
export class StartUpPace {
  readonly #options: StartUpOptions;
  readonly #startedAt: Instant;
  #attemptAt: Instant;
  readonly source: Source;

  constructor(options: StartUpOptions) {
    const { source, clock } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    this.#attemptAt = this.#startedAt;
    this.source = hedged(source, clock, () => startUpPatienceMs(this.#untilOverMs()));
  }

  attemptBegins(): void {
    this.#attemptAt = this.#options.clock.now();
  }

  get sinceAttemptMs(): number {
    return elapsedMs(this.#attemptAt, this.#options.clock.now());
  }

  times(): StartUpTimes {
    return { sinceAttemptMs: this.sinceAttemptMs, untilOverMs: this.#untilOverMs() };
  }

  #untilOverMs(): number {
    const { clock, startUpMs } = this.#options;
    if (startUpMs === 0) return Number.POSITIVE_INFINITY;
    return startUpMs - elapsedMs(this.#startedAt, clock.now());
  }
}
