/** Fetching from a source. */

/** One fetch from a source, from the first byte sent to the last one read. */
export const FETCH_DEADLINE_MS = 10_000;

/** The body of an answer that is an error; more is not worth reading. */
export const ERROR_BODY_MAX_BYTES: number = 64 * 1024;

/** A token of a code host: GitHub's have some 500 characters, GitLab's signed ones some 2,000. */
export const VCS_TOKEN_MAX_BYTES = 8_192;

/** What a code host says of a file or a branch. */
export const VCS_METADATA_MAX_BYTES: number = 64 * 1024;

/** The wait after a rate limit that came without one; what GitHub asks for in that case. */
export const VCS_RATE_LIMIT_PAUSE_MS = 60_000;

/** How long it is remembered what a default branch is called, and why an artifact is not found. */
export const VCS_MEMORY_MS: number = 5 * 60 * 1000;

/** Redirects followed in one fetch; object stores and code hosts use one or two. */
export const MAX_REDIRECTS = 5;

/** The longest wait that an origin can ask of us; GitHub's rate limit resets within an hour. */
export const MAX_RETRY_AFTER_MS: number = 60 * 60 * 1000;

/** Quiet time after a file event, so that a burst of events is one reload. */
export const WATCH_SETTLE_MS = 25;

/** A watched file is also looked at this often, for file systems that report no events. */
export const WATCH_POLL_MS = 2_000;
