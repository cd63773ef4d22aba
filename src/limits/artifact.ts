/** An artifact: what is read of it, and how much of each part. */

/** A packed artifact. Ten thousand long secrets fit four times; an endless body does not. */
export const ARTIFACT_MAX_BYTES: number = 16 * 1024 * 1024;

/**
 * Of an artifact's JSON, which has some twenty members. Without it 16 MiB of `[],[],` or `{},{},` become
 * a gigabyte of memory, more than a sidecar has.
 */
export const ARTIFACT_MAX_TOKENS = 10_000;

/** Identity, environment, revision, key id: an artifact's names are logged and remembered on disk. */
export const NAME_MAX_LENGTH = 1_024;

/** A date of an artifact; ISO-8601 has some thirty characters. */
export const DATE_MAX_LENGTH = 64;

/** A wrapped data key as base64: an RSA-4096 one has 684 characters, the largest that AWS KMS makes 8,192. */
export const WRAPPED_KEY_MAX_LENGTH = 8_192;

/** A signature as base64: one of either algorithm has less than a hundred characters. */
export const SIGNATURE_MAX_LENGTH = 2_048;

/** Of an age file, before any of it is worked on: as many recipients as are allowed have half of it. */
export const AGE_HEADER_MAX_BYTES: number = 256 * 1024;

/** Recipients of an age file: each costs every identity some 0.2 ms, and they cannot be told from ours. */
export const AGE_STANZAS_MAX = 256;

/** Post-quantum ones among them: each costs every such identity some 4 ms, and they are tried in one go. */
export const AGE_HYBRID_STANZAS_MAX = 20;

/** Names in a payload, of secrets and of namespaces. Each costs ten times its bytes in memory; nobody has a tenth. */
export const PAYLOAD_MAX_NAMES = 10_000;

/** The name of a secret or of a namespace; names are the only part of a payload that becomes strings. */
export const SECRET_NAME_MAX_LENGTH = 512;

/**
 * How long one piece of work goes on before timers and clients get their turn: a tenth of what a client
 * of a health check waits for.
 */
export const SLICE_MS = 20;

/** For how long bytes that were refused for good are refused unread: a second look costs little. */
export const REFUSAL_MEMORY_MS: number = 10 * 60 * 1000;

/** Of the date of a revocation marker, which may be any text, in logs; a date is some thirty characters. */
export const REVOKED_AT_SHOWN = 64;
