import { TELEMETRY_BATCH_DELAY_MS, TELEMETRY_BATCH_MAX, TELEMETRY_QUEUE_MAX } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import { BoundedQueue } from "./bounded-queue.ts";
import type { DropCounter } from "./drops.ts";
import type { TimedEvent } from "./log-records.ts";
import { waitFor } from "../system/wait-for.ts";
import type { Sender } from "./sender.ts";

export interface LogExporterOptions {
  readonly sender: Sender;
  readonly encode: (events: readonly TimedEvent[]) => Uint8Array | undefined;
  /** How many of the events in a request the collector did not take, by its answer. */
  readonly rejected: (answer: Uint8Array) => number;
  readonly drops: DropCounter;
  readonly clock: Clock;
}

/**
 * Sends events in batches, in their order, one request at a time. What cannot be sent waits in a
 * bounded queue; what does not fit any more, or is refused, is dropped and counted.
 */
export class LogExporter {
  readonly #options: LogExporterOptions;
  readonly #queue = new BoundedQueue<TimedEvent>(TELEMETRY_QUEUE_MAX);
  #sending: Promise<void> | undefined;
  #timer: { readonly dueMs: number; readonly timer: Timer } | undefined;
  /** Monotonic milliseconds before which nothing is sent. */
  #notBeforeMs = 0;
  /** Whether that is for want of headers, which may come sooner. */
  #waits = false;
  /** Events that were taken from the queue for the request under way. */
  #inFlight = 0;
  #stopped = false;

  constructor(options: LogExporterOptions) {
    this.#options = options;
  }

  /** Takes an event over. It is sent soon, `urgent` ones at once. Never waits, never throws. */
  push(event: TimedEvent, urgent: boolean): void {
    if (this.#stopped) return;
    this.#options.drops.count("queue_full", this.#queue.push(event));
    const full = this.#queue.size >= TELEMETRY_BATCH_MAX;
    this.#sendIn(urgent || full ? 0 : TELEMETRY_BATCH_DELAY_MS);
  }

  /** There may be other headers to send with. */
  secretsRenewed(): void {
    if (this.#waits) this.#notBeforeMs = 0;
    this.#sendIn(0);
  }

  /**
   * Sends what is queued, for `patienceMs` milliseconds at most, and then no more.
   *
   * @returns how many events were not delivered.
   */
  async stop(patienceMs: number): Promise<number> {
    const { sender, clock } = this.#options;
    this.#stopped = true;
    this.#timer?.timer.cancel();
    this.#notBeforeMs = 0;
    if (patienceMs > 0) {
      const flushed = (this.#sending ?? Promise.resolve()).then(() => this.#sendAll());
      await waitFor(flushed, patienceMs, clock);
    }
    sender.stop();
    return this.#queue.size + this.#inFlight;
  }

  /** Sends after `delayMs`, or when it is allowed to again, unless it will do so sooner anyway. */
  #sendIn(delayMs: number): void {
    if (this.#stopped || this.#sending !== undefined || this.#queue.size === 0) return;
    const nowMs = this.#options.clock.now().monoMs;
    const dueMs = Math.max(nowMs + delayMs, this.#notBeforeMs);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#timer?.timer.cancel();
    const timer = this.#options.clock.after(dueMs - nowMs, () => {
      this.#timer = undefined;
      this.#start();
    });
    this.#timer = { dueMs, timer };
  }

  #start(): void {
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      this.#sendIn(TELEMETRY_BATCH_DELAY_MS);
    });
  }

  /** Sends one batch after the other until the queue is empty or the collector does not take one. */
  async #sendAll(): Promise<void> {
    // oxlint-disable-next-line no-await-in-loop -- one request at a time
    while (this.#queue.size > 0 && (await this.#sendBatch()));
  }

  async #sendBatch(): Promise<boolean> {
    const { sender, encode, rejected, drops, clock } = this.#options;
    let batch: readonly TimedEvent[] = [];
    const sent = await sender.send(() => {
      batch = this.#queue.take(TELEMETRY_BATCH_MAX);
      this.#inFlight = batch.length;
      return encode(batch);
    });
    this.#inFlight = 0;
    this.#waits = sent.kind === "wait";
    switch (sent.kind) {
      case "taken":
        drops.count("rejected", rejected(sent.answer));
        return true;
      case "refused":
        drops.count("refused", batch.length);
        return true;
      case "retry":
      case "wait":
        drops.count("queue_full", this.#queue.putBack(batch));
        this.#notBeforeMs = clock.now().monoMs + (sent.ms ?? Number.POSITIVE_INFINITY);
        return false;
    }
  }
}
