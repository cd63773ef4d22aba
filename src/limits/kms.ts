/** Calls to a KMS, and the credentials of the clouds. */

/**
 * One KMS call, credentials and the second try included. A KMS answers in tens of milliseconds; a first
 * token from a metadata service or an identity provider can take seconds.
 */
export const KMS_DEADLINE_MS = 8_000;

/** One request of a look-up of credentials: shorter than a KMS call, so that what kept it is known in time. */
export const CREDENTIAL_REQUEST_DEADLINE_MS = 6_000;

/** What answers such a request: a token and some facts about it. */
export const CREDENTIAL_ANSWER_MAX_BYTES: number = 1024 * 1024;

/** Before a KMS that failed is asked the second time. */
export const KMS_RETRY_PAUSE_MS = 200;

/** AWS refuses a signature that is older, or newer; the tokens of others leave no more room. */
export const CLOCK_TOLERANCE_MS: number = 5 * 60 * 1000;

/** What a KMS answers with: a wrapped or unwrapped key, and names. */
export const KMS_ANSWER_MAX_BYTES: number = 64 * 1024;
