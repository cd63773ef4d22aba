/** When the source is asked, and when what is held ends. */

/** Between the end of an attempt to refresh and one that a client asks for. */
export const REFRESH_SPACING_MS = 1_000;

/**
 * How long just-in-time mode, which has no TTL to set, serves what its source no longer confirms. Long
 * enough for any outage that somebody is working on; what nobody noticed for a week must not go on.
 */
export const JUST_IN_TIME_TTL_MS: number = 7 * 24 * 60 * 60 * 1000;

/** The least time between two polls (contract, section 4). */
export const MIN_POLL_INTERVAL_MS = 5_000;

/** The least time to a fetch that a client's request causes while the secrets are gone. */
export const MIN_DEMAND_SPACING_MS = 5_000;

/** A client that asks again and again makes even a failing origin be asked this often. */
export const MAX_DEMAND_SPACING_MS = 60_000;

/** First ceiling of the back-off; doubles with every failure up to the poll interval. */
export const BACKOFF_BASE_MS = 1_000;

/** Chance cannot make two attempts at a failing origin follow each other faster than this. */
export const BACKOFF_FLOOR_MS = 500;

/** The most time between two attempts while nothing is served yet (contract, section 4). */
export const START_UP_SPACING_MS = 5_000;

/**
 * The last attempt begins this long before the start-up time is over: enough for a new connection with
 * TLS, an artifact and a KMS call, and no earlier than that needs.
 */
export const LAST_ATTEMPT_MS = 2_000;

/** Ticks so far apart mean that the process stood still; a busy event loop is late by far less. */
export const SUSPENDED_MS = 2_000;

/** How often freshness is looked at, so that no plaintext outlives its time by a second. */
export const TICK_MS = 500;

/** A look at the source under way at the end gets this long to notice; one that waits for a KMS does not. */
export const LAST_LOOK_MS = 200;
