import type { SignalConfig } from "../config/telemetry-signal.ts";
import { TELEMETRY_BACKOFF_BASE_MS, TELEMETRY_BACKOFF_MAX_MS } from "../limits.ts";
import type { Network } from "../net/network.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { CollectorHealth } from "./collector-health.ts";
import type { Credentials } from "./credentials.ts";
import { deliver, type Delivery } from "./delivery.ts";
import { CONTENT_TYPES } from "./encoding.ts";

export interface SenderOptions {
  readonly signal: "logs" | "metrics";
  readonly config: SignalConfig;
  readonly credentials: Credentials;
  readonly network: Network;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** What a request came to, as far as the one who has the records needs to know. */
export type Sent =
  | { readonly kind: "taken"; readonly answer: Buffer }
  /** Nothing was sent, or to no use: wait this long, or until secrets are served. */
  | { readonly kind: "wait"; readonly ms: number | undefined }
  | { readonly kind: "retry"; readonly ms: number }
  | { readonly kind: "refused" };

/** Sends the requests of one signal, one at a time, and tells the log when that begins or ceases to fail. */
export class Sender {
  readonly health: CollectorHealth = new CollectorHealth();
  readonly #options: SenderOptions;
  readonly #stopped = new AbortController();
  #problem: string | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Where requests go to; what is at one origin hangs as one. */
  get origin(): string {
    return this.#options.config.url.origin;
  }

  /** Encodes and sends what `encode` gives once it is known that it can be sent. Never throws. */
  async send(encode: () => Uint8Array | undefined): Promise<Sent> {
    try {
      return await this.#send(encode);
    } catch {
      // Whatever it was, it must not end the agent, and it will not be over in a moment.
      this.#fails("something nobody expected; please report it");
      return { kind: "retry", ms: TELEMETRY_BACKOFF_MAX_MS };
    }
  }

  /** Gives up a request that is under way, and sends no more. */
  stop(): void {
    this.#stopped.abort();
  }

  async #send(encode: () => Uint8Array | undefined): Promise<Sent> {
    const { config, credentials, network, clock } = this.#options;
    const decision = await credentials.decide();
    if (this.#stopped.signal.aborted) return { kind: "wait", ms: undefined };
    if (decision.kind === "wait") return decision;
    const body = encode();
    if (body === undefined) return { kind: "refused" };
    const now = clock.now();
    this.health.asked(now.monoMs);
    const delivery = await deliver(config, {
      network,
      body,
      contentType: CONTENT_TYPES[config.encoding],
      headers: decision.headers,
      signal: this.#stopped.signal,
      nowMs: now.wallMs,
    });
    return this.#conclude(delivery);
  }

  #conclude(delivery: Delivery): Sent {
    const { credentials, random } = this.#options;
    if (delivery.kind === "retry") {
      this.health.failed(delivery.silent);
      this.#fails(delivery.problem);
      return { kind: "retry", ms: delivery.afterMs ?? backoffMs(this.health.failures, random()) };
    }
    this.health.answered();
    if (delivery.kind === "taken") {
      this.#works();
      return delivery;
    }
    this.#fails(delivery.problem);
    if (delivery.kind === "unauthorized" && credentials.refused()) {
      return { kind: "wait", ms: undefined };
    }
    return { kind: "refused" };
  }

  #fails(problem: string): void {
    const { log, signal, config } = this.#options;
    if (this.#stopped.signal.aborted || problem === this.#problem) return;
    this.#problem = problem;
    log.warn(`telemetry: ${signal} cannot be delivered: ${problem} (${config.variable})`, {
      code: "telemetry_failed",
    });
  }

  #works(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#options.log.info(`telemetry: ${this.#options.signal} are delivered again`);
  }
}

/**
 * Milliseconds before the next attempt: exponential, with half of it left to chance
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp-throttling).
 */
export function backoffMs(failures: number, random: number): number {
  const doubled = TELEMETRY_BACKOFF_BASE_MS * 2 ** Math.min(failures - 1, 30);
  return Math.min(doubled, TELEMETRY_BACKOFF_MAX_MS) * (0.5 + random / 2);
}
