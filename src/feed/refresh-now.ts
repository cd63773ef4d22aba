import type { ErrorCode } from "../errors.ts";
import { FETCH_DEADLINE_MS, REFRESH_SPACING_MS } from "../limits.ts";
import type { Outcome } from "../refresh/attempt.ts";
import type { Custody } from "../refresh/custody.ts";
import type { Refresher } from "../refresh/refresher.ts";
import { type Clock, elapsedMs, type Instant } from "../system/clock.ts";
import { waitFor } from "../system/wait-for.ts";

/** What a look at the source that somebody asked for led to (contract, section 3). */
export type RefreshResult =
  | {
      readonly kind: "looked";
      readonly outcome: "refreshed" | "unchanged" | "failed" | "invalid" | "expired" | "revoked";
      /** Why not, where something was wrong. */
      readonly reason: ErrorCode | null;
    }
  | { readonly kind: "too_soon"; readonly retryAfterMs: number };

export interface RefreshNowOptions {
  readonly refresher: Refresher;
  readonly custody: Custody;
  readonly clock: Clock;
}

interface Ended {
  readonly outcome: Outcome;
  readonly at: Instant;
}

/** Looks at the source for clients that ask for it, however many they are, as often as it may be asked. */
export class RefreshNow {
  readonly #options: RefreshNowOptions;
  #last: Ended | undefined;

  constructor(options: RefreshNowOptions) {
    this.#options = options;
    options.refresher.onAttempt((outcome) => {
      this.#last = { outcome, at: options.clock.now() };
    });
  }

  /** Looks now, or joins an attempt under way; answers within the fetch deadline. Never rejects. */
  async refresh(): Promise<RefreshResult> {
    const { refresher, clock } = this.#options;
    const retryAfterMs = refresher.underWayMs === undefined ? this.#waitMs() : 0;
    if (retryAfterMs > 0) return { kind: "too_soon", retryAfterMs };
    const before = this.#last;
    await waitFor(refresher.refresh(), FETCH_DEADLINE_MS, clock);
    const last = this.#last;
    if (last === undefined || last === before) {
      return { kind: "looked", outcome: "failed", reason: "source_timeout" };
    }
    const { outcome } = last;
    const reason = "error" in outcome ? outcome.error.code : null;
    return { kind: "looked", outcome: OUTCOMES[outcome.kind], reason };
  }

  /** Milliseconds until the source may be asked again by a client; 0 or less when it may. */
  #waitMs(): number {
    const { custody, clock } = this.#options;
    if (this.#last === undefined) return 0;
    const asked = custody.lastFailure?.retryAfterMs ?? 0;
    return Math.max(REFRESH_SPACING_MS, asked) - elapsedMs(this.#last.at, clock.now());
  }
}

const OUTCOMES = {
  staged: "refreshed",
  unchanged: "unchanged",
  fetch_failed: "failed",
  invalid: "invalid",
  expired: "expired",
  revoked: "revoked",
} as const satisfies Readonly<Record<Outcome["kind"], string>>;
