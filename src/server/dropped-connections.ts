import { DROPPED_CONNECTIONS_SPACING_MS } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { Dropped } from "./connection-policy.ts";

/**
 * Connections of one listener that were closed because there were too many, as the log tells of them:
 * the first at once, then one line a minute at most, with how many there were since the last one.
 */
export class DroppedConnections {
  readonly #listener: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #untold: Record<Dropped, number> = { unproven: 0, idle: 0, refused: 0 };
  #nextLineAtMs = Number.NEGATIVE_INFINITY;

  /** @param listener - the variable that configures it. */
  constructor(listener: string, clock: Clock, log: Log) {
    this.#listener = listener;
    this.#clock = clock;
    this.#log = log;
  }

  dropped(reason: Dropped): void {
    this.#untold[reason]++;
    const { monoMs } = this.#clock.now();
    if (monoMs < this.#nextLineAtMs) return;
    this.#nextLineAtMs = monoMs + DROPPED_CONNECTIONS_SPACING_MS;
    this.#log.warn(
      "there are too many connections: the longest idle ones are closed, those without the token first; find out who opens them (ss -tnp), and raise the limit of open files if they are rightful",
      { listener: this.#listener, ...this.#untold },
    );
    this.#untold.unproven = this.#untold.idle = this.#untold.refused = 0;
  }
}
