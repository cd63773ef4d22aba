import { elapsedMs, type Instant, steadyWallMs } from "../system/clock.ts";

/** What is known of the artifact that is being served. */
export interface Serving {
  readonly revision: string;
  /** Unix time in milliseconds; undefined never expires. */
  readonly expiresAtMs: number | undefined;
  readonly expiresAt: string | undefined;
}

/** Whether the secrets may be served, and if not, why (contract, section 4). */
export type Freshness =
  | { readonly kind: "not_loaded" }
  | {
      readonly kind: "fresh";
      readonly serving: Serving;
      /** The last time that the source vouched for it; the TTL counts from here. */
      readonly refreshedAt: Instant;
      /** When it was first accepted; its own expiry is measured from here, whatever the wall clock does. */
      readonly acceptedAt: Instant;
    }
  | { readonly kind: "cache_expired" }
  | { readonly kind: "artifact_expired" }
  | { readonly kind: "revoked" };

export type FreshnessEvent =
  /** A verified artifact was swapped in, refreshed at that instant: now, or earlier if from disk. */
  | {
      readonly kind: "accepted";
      readonly serving: Serving;
      readonly refreshedAt: Instant;
      readonly acceptedAt: Instant;
    }
  /** The source answered that what is being served is still what it holds. */
  | { readonly kind: "unchanged"; readonly at: Instant }
  /** The source did not answer, or not with an artifact. */
  | { readonly kind: "fetch_failed" }
  /** The source holds something that was refused. */
  | { readonly kind: "invalid" }
  /** The source holds an artifact that is past its `expiresAt`. */
  | { readonly kind: "expired" }
  | { readonly kind: "revoked" }
  /** Time passed. */
  | { readonly kind: "tick"; readonly at: Instant };

export const NOT_LOADED: Freshness = { kind: "not_loaded" };

/**
 * The state machine. Only `accepted` and `unchanged` restart the clock; failures and refused
 * artifacts change nothing that is being served; time does the rest.
 */
export function nextFreshness(state: Freshness, event: FreshnessEvent, ttlMs: number): Freshness {
  switch (event.kind) {
    case "accepted":
      return {
        kind: "fresh",
        serving: event.serving,
        refreshedAt: event.refreshedAt,
        acceptedAt: event.acceptedAt,
      };
    case "unchanged":
      return state.kind === "fresh" ? { ...state, refreshedAt: event.at } : state;
    case "fetch_failed":
    case "invalid":
      return state;
    case "expired":
      return state.kind === "fresh" || state.kind === "revoked"
        ? state
        : { kind: "artifact_expired" };
    case "revoked":
      return { kind: "revoked" };
    case "tick":
      return afterTick(state, event.at, ttlMs);
  }
}

/**
 * Milliseconds until a fresh state ends by itself, at most; 0 or less when it is over. The artifact's
 * own expiry is measured on a wall clock that cannot be set back to buy time.
 */
export function remainingMs(
  state: Extract<Freshness, { kind: "fresh" }>,
  now: Instant,
  ttlMs: number,
): number {
  return Math.min(ttlMs - elapsedMs(state.refreshedAt, now), untilExpiryMs(state, now));
}

/** Milliseconds until the artifact that is being served expires; infinite without an expiry. */
export function untilExpiryMs(state: Extract<Freshness, { kind: "fresh" }>, now: Instant): number {
  const { expiresAtMs } = state.serving;
  if (expiresAtMs === undefined) return Number.POSITIVE_INFINITY;
  return expiresAtMs - steadyWallMs(state.acceptedAt, now);
}

function afterTick(state: Freshness, now: Instant, ttlMs: number): Freshness {
  if (state.kind !== "fresh" || remainingMs(state, now, ttlMs) > 0) return state;
  return untilExpiryMs(state, now) <= 0 ? { kind: "artifact_expired" } : { kind: "cache_expired" };
}
