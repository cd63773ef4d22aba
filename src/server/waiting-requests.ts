import type { Feed } from "../feed/feed.ts";
import type { Change } from "../refresh/changes.ts";
import { MAX_WAITING_REQUESTS } from "../limits.ts";
import { type Clock, elapsedMs } from "../system/clock.ts";

/** What ended everything that was served. */
type Ended = Extract<Change, { kind: "ended" }>;

/** Why a request waits no longer; the reason of an end is why there is nothing to serve any more. */
export type WaitEnd = "changed" | "timed_out" | "gone" | "stopped" | Ended["reason"];

export interface Waited {
  readonly why: WaitEnd;
  readonly ms: number;
}

export interface Wait {
  readonly ms: number;
  /** Whether what the client has is still what is served; asked whenever something else may be served. */
  readonly stillMatches: () => boolean;
  /** Calls the listener when the client hangs up; what it returns ends that. */
  readonly onGone: (listener: () => void) => () => void;
}

export interface WaitingRequestsOptions {
  readonly feed: Pick<Feed, "subscribe">;
  readonly clock: Clock;
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly stillMatches: () => boolean;
  readonly end: (why: WaitEnd) => void;
}

/** The requests that wait for a change (contract, section 3). Nothing secret is kept for them. */
export class WaitingRequests {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #waiters = new Set<Waiter>();

  constructor({ feed, clock, signal }: WaitingRequestsOptions) {
    this.#clock = clock;
    this.#signal = signal;
    feed.subscribe((change) => {
      if (change.kind === "renewed") return;
      for (const waiter of this.#waiters) {
        if (change.kind === "ended") waiter.end(change.reason);
        else if (!waiter.stillMatches()) waiter.end("changed");
      }
    });
    signal.addEventListener("abort", () => {
      for (const waiter of this.#waiters) waiter.end("stopped");
    });
  }

  /** Waits until something ends it; "full" where too many wait already. */
  hold({ ms, stillMatches, onGone }: Wait): Promise<Waited> | "full" {
    if (this.#waiters.size >= MAX_WAITING_REQUESTS) return "full";
    if (this.#signal.aborted) return Promise.resolve({ why: "stopped", ms: 0 });
    const since = this.#clock.now();
    const { promise, resolve } = Promise.withResolvers<Waited>();
    const end = (why: WaitEnd): void => {
      this.#waiters.delete(waiter);
      timer.cancel();
      stopListening();
      resolve({ why, ms: elapsedMs(since, this.#clock.now()) });
    };
    const waiter: Waiter = { stillMatches, end };
    const timer = this.#clock.after(ms, () => end("timed_out"));
    const stopListening = onGone(() => end("gone"));
    this.#waiters.add(waiter);
    return promise;
  }
}
