/** Plaintext that is being read. */

/**
 * A retired plaintext waits this long for responses still being sent, then they are cut off. Together
 * with a tick less than the second that it may outlive its time.
 */
export const RETIRE_GRACE_MS = 400;

/**
 * Plaintexts that may exist at once in just-in-time mode, being decrypted or being sent. Bounds the
 * memory and the calls under way to a KMS; one thread can do no more at once anyway.
 */
export const PLAINTEXTS_AT_ONCE = 32;

/**
 * Their bytes in all: of the largest artifact two, where 32 would be 400 MB. Whoever comes meanwhile
 * waits for its turn.
 */
export const PLAINTEXT_BYTES_AT_ONCE: number = 32 * 1024 * 1024;

/** Readers who wait for their turn in just-in-time mode, as when a client reads all keys at once. */
export const READERS_WAITING = 224;

/** A plaintext decrypted for one answer waits this long for its client to read it. */
export const SINGLE_USE_MS = 5_000;

/** Requests that fail for one reason are one line in the log within this time. */
export const DECRYPT_FAILURE_SPACING_MS = 10_000;
