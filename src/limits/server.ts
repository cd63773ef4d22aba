/** The HTTP API: connections, requests and answers. */

/** The longest time that a request waits for a change, in seconds (contract, section 3). */
export const MAX_WAIT_SECONDS = 240;

/** Requests that wait for a change at once (contract, section 3). */
export const MAX_WAITING_REQUESTS = 256;

/** Requests under way at SIGTERM get this long to finish. */
export const DRAIN_MS = 5_000;

/** Connections of the API at once; a local application has tens. */
export const MAX_CONNECTIONS = 1_024;

/** Of the listener for probes: kubelets and scrapers open one at a time, and close it. */
export const MAX_PROBE_CONNECTIONS = 64;

/**
 * Connections that have not shown the token. A client sends its request as soon as it is connected, so
 * more wait only where somebody holds them; all of them asking in one moment is a few milliseconds of work.
 */
export const MAX_UNPROVEN_CONNECTIONS = 256;

/**
 * Connections that the kernel keeps until they are accepted, as far as `net.core.somaxconn` allows. A
 * client that comes when it is full waits for a second before it tries again.
 */
export const LISTEN_BACKLOG = 4_096;

/** Of a Unix socket's path, with the NUL after it 108 (unix(7)). */
export const SOCKET_PATH_MAX_BYTES = 107;

/** Whoever listens on a socket is known at once: the kernel takes the connection. */
export const SOCKET_ANSWER_MS = 1_000;

/** Connections that there are in any case, however low the limit of descriptors is. */
export const MIN_CONNECTIONS = 16;

/**
 * Descriptors that clients cannot have: Node.js itself has some 25, a fetch with its name lookup and
 * credentials, the disk cache, key files and telemetry need some 20 more, and as many calls to a KMS may be
 * under way as `PLAINTEXTS_AT_ONCE`.
 */
export const RESERVED_DESCRIPTORS = 96;

/** The limit of descriptors where the system does not tell: what Linux has had for decades. */
export const ASSUMED_DESCRIPTORS = 1_024;

/** A client that got its last answer has this long to hang up. */
export const LINGER_MS = 1_000;

/** Between two lines of the log about connections that were closed to make room. */
export const DROPPED_CONNECTIONS_SPACING_MS = 60_000;

/** How often Node.js looks for clients that are too slow; its own 30 s would double what is written below. */
export const SLOW_CLIENTS_CHECK_MS = 1_000;

/** Time for a client to send its request headers. */
export const HEADERS_TIMEOUT_MS = 5_000;

/** Time for a client to send a whole request; there is no body worth waiting for. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Idle connections stay open this long, longer than most clients keep them. */
export const KEEP_ALIVE_MS = 72_000;

/** Request headers; a token, a host and a path need far less. */
export const MAX_HEADER_BYTES = 8_192;

/**
 * Lines of the head of a client's first request: clients send ten. Parsing thousands of them takes
 * a millisecond, which nobody gets without the token.
 */
export const MAX_HEADER_LINES = 100;
