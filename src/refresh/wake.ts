import { FETCH_DEADLINE_MS, SUSPENDED_MS } from "../limits.ts";
import { type Clock, elapsedMs, type Instant } from "../system/clock.ts";

/**
 * Notices that the machine, or this process, stood still: a laptop slept, a Lambda environment was
 * frozen. What failed just afterwards failed on a connection from before, and says nothing of the
 * other side.
 */
export class WakeWatch {
  readonly #clock: Clock;
  #seen: Instant;
  #wokeAt: Instant | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#seen = clock.now();
  }

  /** To be called every `TICK_MS` while the process runs, and whenever the answer matters. */
  look(): void {
    const now = this.#clock.now();
    if (elapsedMs(this.#seen, now) > SUSPENDED_MS) this.#wokeAt = now;
    this.#seen = now;
  }

  /** Whether the process woke within the time of one fetch; true only once for each wake. */
  takeWake(): boolean {
    this.look();
    const wokeAt = this.#wokeAt;
    this.#wokeAt = undefined;
    return wokeAt !== undefined && elapsedMs(wokeAt, this.#clock.now()) <= FETCH_DEADLINE_MS;
  }
}
