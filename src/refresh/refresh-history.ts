import type { AgentError } from "../errors.ts";
import { elapsedMs, type Instant } from "../system/clock.ts";
import type { Status } from "./status.ts";

/** How the attempts to refresh went: what `/v1/health` tells of them, and what the schedule asks. */
export class RefreshHistory {
  #lastRefresh: Instant | undefined;
  #failures = 0;
  #lastFailure: AgentError | undefined;

  /** The source vouched for what is served at that instant; in the past for what came from disk. */
  refreshed(at: Instant): void {
    this.#lastRefresh = at;
    this.answered();
  }

  /** The source answered, though not with something to serve. */
  answered(): void {
    this.#failures = 0;
    this.#lastFailure = undefined;
  }

  failed(error: AgentError): void {
    this.#failures++;
    this.#lastFailure = error;
  }

  /** Attempts that failed since the last one that did not. */
  get failures(): number {
    return this.#failures;
  }

  /** Why the last attempt failed; undefined after one that did not. */
  get lastFailure(): AgentError | undefined {
    return this.#lastFailure;
  }

  report(
    now: Instant,
  ): Pick<Status, "lastRefreshAt" | "ageSeconds" | "consecutiveFailures" | "lastFailure"> {
    const last = this.#lastRefresh;
    return {
      lastRefreshAt: last === undefined ? null : Math.round(last.wallMs),
      ageSeconds: last === undefined ? null : Math.max(0, Math.floor(elapsedMs(last, now) / 1000)),
      consecutiveFailures: this.#failures,
      lastFailure: this.#lastFailure?.code ?? null,
    };
  }
}
