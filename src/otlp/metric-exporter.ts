import { FIRST_METRICS_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import type { DropCounter } from "./drops.ts";
import { waitFor } from "../system/wait-for.ts";
import type { Sender } from "./sender.ts";

/** One export, encoded, and how many data points are in it. */
export interface EncodedMetrics {
  readonly body: Uint8Array | undefined;
  readonly points: number;
}

export interface MetricExporterOptions {
  readonly sender: Sender;
  readonly intervalMs: number;
  /** The values of this moment. */
  readonly encode: () => EncodedMetrics;
  /** How many of the points in a request the collector did not take, by its answer. */
  readonly rejected: (answer: Uint8Array) => number;
  readonly drops: DropCounter;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

/**
 * Sends the metrics at an interval. They are cumulative, so an export that failed is not kept: the
 * next attempt sends what is true by then.
 */
export class MetricExporter {
  readonly #options: MetricExporterOptions;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #waits = false;
  #stopped = false;

  constructor(options: MetricExporterOptions) {
    this.#options = options;
    // By chance, so that a fleet that was started at once does not report at once.
    this.#in(Math.min(options.intervalMs, FIRST_METRICS_MS) * options.random());
  }

  /** There may be other headers to send with. */
  secretsRenewed(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#in(0);
  }

  /** Sends the last values, for `patienceMs` milliseconds at most. */
  async stop(patienceMs: number): Promise<void> {
    const { sender, clock } = this.#options;
    this.#stopped = true;
    this.#timer?.cancel();
    if (patienceMs > 0) {
      const last = (this.#sending ?? Promise.resolve()).then(() => this.#export());
      await waitFor(last, patienceMs, clock);
    }
    sender.stop();
  }

  #in(ms: number): void {
    if (this.#stopped || this.#sending !== undefined) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(ms, () => {
      this.#sending = this.#export();
    });
  }

  async #export(): Promise<void> {
    const { sender, encode, rejected, drops, intervalMs } = this.#options;
    let points = 0;
    const sent = await sender.send(() => {
      const encoded = encode();
      ({ points } = encoded);
      return encoded.body;
    });
    this.#sending = undefined;
    switch (sent.kind) {
      case "taken":
        drops.count("rejected", rejected(sent.answer));
        this.#in(intervalMs);
        return;
      case "refused":
        drops.count("refused", points);
        this.#in(intervalMs);
        return;
      case "retry":
        this.#in(Math.min(sent.ms, intervalMs));
        return;
      case "wait":
        this.#waits = true;
        this.#in(Math.min(sent.ms ?? intervalMs, intervalMs));
    }
  }
}
