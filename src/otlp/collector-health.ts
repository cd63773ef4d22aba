import { FLUSH_MS, FLUSH_UNPROVEN_MS } from "../limits.ts";

/** How a collector has behaved so far, and so how much patience the end of the agent can have with it. */
export class CollectorHealth {
  #failures = 0;
  #hasAnswered = false;
  #silent = false;
  #asking: number | undefined;

  /** Failures worth another attempt since the last request that was answered otherwise. */
  get failures(): number {
    return this.#failures;
  }

  /** A request is sent; `monoMs` is now, in monotonic milliseconds. */
  asked(monoMs: number): void {
    this.#asking = monoMs;
  }

  answered(): void {
    this.#asking = undefined;
    this.#failures = 0;
    this.#hasAnswered = true;
    this.#silent = false;
  }

  /** @param silent - whether the request was taken and then not answered. */
  failed(silent: boolean): void {
    this.#asking = undefined;
    this.#failures++;
    this.#silent = silent;
  }

  /** Milliseconds that a last flush may still take: none with a collector that is known to hang. */
  patienceMs(monoMs: number): number {
    if (this.#silent) return 0;
    const whole = this.#hasAnswered ? FLUSH_MS : FLUSH_UNPROVEN_MS;
    return this.#asking === undefined ? whole : Math.max(0, whole - (monoMs - this.#asking));
  }
}
