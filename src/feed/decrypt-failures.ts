import { type AgentError, type ErrorCode, reasonOf } from "../errors.ts";
import { DECRYPT_FAILURE_SPACING_MS } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";

/**
 * Requests whose secrets could not be decrypted, as the log and `/v1/health` tell of them. However
 * often clients ask, the log has one line within some seconds.
 */
export class DecryptFailures {
  readonly #clock: Clock;
  readonly #log: Log;
  #last: AgentError | undefined;
  #nextLineAtMs = Number.NEGATIVE_INFINITY;
  #told = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Why the last request failed; undefined after one that did not. */
  get code(): ErrorCode | undefined {
    return this.#last?.code;
  }

  failed(error: AgentError): void {
    this.#last = error;
    const { monoMs } = this.#clock.now();
    if (monoMs < this.#nextLineAtMs) return;
    this.#nextLineAtMs = monoMs + DECRYPT_FAILURE_SPACING_MS;
    this.#told = true;
    const text = `it was accepted, but cannot be decrypted now, so requests get 503: ${error.message}`;
    this.#log.event({ name: "artifact.invalid", reason: reasonOf(error), error: text });
  }

  succeeded(): void {
    this.#last = undefined;
    if (!this.#told) return;
    this.#told = false;
    this.#log.info("decryption works again, requests are answered");
  }
}
