import { AgentError } from "../errors.ts";
import type { Feed } from "../feed/feed.ts";
import type { Clock, Timer } from "../system/clock.ts";

/** The time from the start until readers get an answer that stands. */
export class StartUp {
  readonly #loaded = Promise.withResolvers<"loaded">();
  #limit: Timer | undefined;

  constructor(feed: Pick<Feed, "subscribe">) {
    feed.subscribe((change) => {
      if (change.kind === "serving") this.#answered();
      if (change.kind === "ended" && change.reason === "revoked") this.#answered();
    });
  }

  /** Resolves once readers get secrets, or the answer that these were revoked. */
  get loaded(): Promise<"loaded"> {
    return this.#loaded.promise;
  }

  /** Calls `onOver` unless there is such an answer within `ms`; 0 waits for ever. */
  limit(clock: Clock, ms: number, onOver: () => void): void {
    if (ms > 0) this.#limit = clock.after(ms, onOver);
  }

  /** The agent stops; nothing is waited for any more. */
  cancel(): void {
    this.#limit?.cancel();
  }

  #answered(): void {
    this.cancel();
    this.#loaded.resolve("loaded");
  }
}

/** The last attempt: one that is under way, or why one failed; neither before there was any. */
export interface LastAttempt {
  readonly underWayMs: number | undefined;
  readonly failure: AgentError | undefined;
}

export function startupTimeout(timeoutMs: number, last: LastAttempt): AgentError {
  return new AgentError(
    "startup_timeout",
    `no artifact within ${timeoutMs / 1000} s (CLEF_AGENT_STARTUP_TIMEOUT); the last attempt: ${outcomeOf(last)}`,
  );
}

/** Of an attempt that began only now there may be nothing to say; what was wrong before it is told as that. */
function outcomeOf({ underWayMs, failure }: LastAttempt): string {
  if (underWayMs === undefined) return failure?.message ?? "no answer yet";
  const seconds = (underWayMs / 1000).toFixed(1);
  const now = `no answer yet, after ${seconds} s, from the source or its KMS`;
  return failure === undefined ? now : `${now}; the one before it: ${failure.message}`;
}
