/** Every limit in bytes, milliseconds or pieces, each with its reason. */

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

/** Files that hold keys or tokens: a mistyped path to something huge must not be read whole. */
export const KEY_FILE_MAX_BYTES: number = 1024 * 1024;

/** Without a byte from a pipe that is read as a key or token: what writes it is there already, or never comes. */
export const KEY_PIPE_SILENCE_MS = 10_000;

/** The same for the input of a command: what writes it may ask a person for a passphrase. */
export const INPUT_PIPE_SILENCE_MS = 120_000;

/** Between two looks at a pipe that is silent: too short to be noticed, too long to be work. */
export const PIPE_POLL_MS = 20;

/** Files in a directory of certificates to trust: a system's has some 300 links and files. */
export const CA_DIRECTORY_MAX_FILES = 2_000;

/** A bearer token; compared in a buffer of this size whatever was sent. */
export const TOKEN_MAX_BYTES = 512;

/** Below this a token can be guessed over loopback in reasonable time. */
export const TOKEN_MIN_SAFE_LENGTH = 16;

/** A random token of that length has more different characters, in hexadecimal digits too. */
export const TOKEN_MIN_VARIETY = 6;

/** One fetch from a source, from the first byte sent to the last one read. */
export const FETCH_DEADLINE_MS = 10_000;

/** The longest time that a request waits for a change, in seconds (contract, section 3). */
export const MAX_WAIT_SECONDS = 240;

/** Requests that wait for a change at once (contract, section 3). */
export const MAX_WAITING_REQUESTS = 256;

/** Between the end of an attempt to refresh and one that a client asks for. */
export const REFRESH_SPACING_MS = 1_000;

/** The body of an answer that is an error; more is not worth reading. */
export const ERROR_BODY_MAX_BYTES: number = 64 * 1024;

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

/** The longest wait that an origin can ask of us; GitHub's rate limit resets within an hour. */
export const MAX_RETRY_AFTER_MS: number = 60 * 60 * 1000;

/** Ticks so far apart mean that the process stood still; a busy event loop is late by far less. */
export const SUSPENDED_MS = 2_000;

/** How often freshness is looked at, so that no plaintext outlives its time by a second. */
export const TICK_MS = 500;

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

/** Readers who wait for their turn in just-in-time mode, as when a client reads all keys at once. */
export const READERS_WAITING = 224;

/** A plaintext decrypted for one answer waits this long for its client to read it. */
export const SINGLE_USE_MS = 5_000;

/** Requests that fail for one reason are one line in the log within this time. */
export const DECRYPT_FAILURE_SPACING_MS = 10_000;

/** Requests under way at SIGTERM get this long to finish. */
export const DRAIN_MS = 5_000;

/** The same when Lambda shuts the environment down: its handler is gone, so nobody is left to answer. */
export const LAMBDA_DRAIN_MS = 200;

/** A look at the source under way at the end gets this long to notice; one that waits for a KMS does not. */
export const LAST_LOOK_MS = 200;

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

/** Quiet time after a file event, so that a burst of events is one reload. */
export const WATCH_SETTLE_MS = 25;

/** A watched file is also looked at this often, for file systems that report no events. */
export const WATCH_POLL_MS = 2_000;

/** `healthcheck` answers before Kubernetes gives up on an exec probe, which is after 1 s. */
export const HEALTHCHECK_TIMEOUT_MS = 900;

/** `refresh` waits for one look at the source, and for the one before it to be long enough ago. */
export const REFRESH_COMMAND_TIMEOUT_MS = 15_000;

/** Lambda's init phase lasts 10 s; the runtime and the function need a share of it. */
export const LAMBDA_INIT_MS = 8_000;

/** How much longer than its handler an invocation may take because of a look at the source. */
export const LAMBDA_HOLD_MS = 1_000;

/** What is left to the function then before its time is over. */
export const LAMBDA_LATE_MARGIN_MS = 200;

/** Lambda kills everything 2 s after SHUTDOWN, and the runtime's end is part of that. */
export const LAMBDA_SHUTDOWN_MS = 1_500;

/** Registering and reporting an error are answered at once, or not at all. */
export const LAMBDA_REPORT_MS = 500;

/** An event is some hundred bytes. */
export const LAMBDA_EVENT_MAX_BYTES: number = 64 * 1024;

/** Times that a broken connection to the Extensions API is made again, and the pause before each. */
export const LAMBDA_NEXT_RETRIES = 10;
export const LAMBDA_NEXT_RETRY_MS = 100;

/** A file's name; NAME_MAX of Linux and of every file system in memory. */
export const FILE_NAME_MAX_BYTES = 255;

/** Files that could not be written or removed are tried again this often: somebody may have made room. */
export const FILES_RETRY_MS = 5_000;

/** The files of the revision before stay this long for who is just reading them. */
export const FILES_GRACE_MS = 400;

/** What the agent notes beside a set: a signature, a name and two dates. */
export const FILES_RECORD_MAX_BYTES = 4_096;

/** Sockets of dead agents that are looked at; so many crashes between two starts that were none do not happen. */
export const FILES_LOCKS_MAX = 64;

/** A living agent's socket is answered by the kernel, at once. */
export const LOCK_ANSWER_MS = 1_000;

/** One template; the longest configuration files of servers have some hundred kilobytes. */
export const TEMPLATE_MAX_BYTES: number = 1024 * 1024;

/** Templates in their directory; a mistyped path to /etc or / must not become files. */
export const TEMPLATES_MAX = 256;

/** One rendered template. An artifact's worth of secrets fits twice; the same long one again and again does not. */
export const RENDERED_MAX_BYTES: number = 32 * 1024 * 1024;

/** Events that wait for their collector; days of a quiet agent, hours of a troubled one. The default of OpenTelemetry. */
export const TELEMETRY_QUEUE_MAX = 2_048;

/** Events in one request to the collector; the default of OpenTelemetry. */
export const TELEMETRY_BATCH_MAX = 512;

/** Events wait this long for company before they are sent; the default of OpenTelemetry. */
export const TELEMETRY_BATCH_DELAY_MS = 1_000;

/** One request to the collector, unless `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise; the default of OpenTelemetry. */
export const TELEMETRY_TIMEOUT_MS = 10_000;

/** First ceiling of the back-off from a collector that fails; doubles up to the next one. */
export const TELEMETRY_BACKOFF_BASE_MS = 1_000;

/** Minute-long silence is short beside an outage, and long enough for a collector that is coming back. */
export const TELEMETRY_BACKOFF_MAX_MS = 60_000;

/** The longest wait that a collector can ask of us. */
export const TELEMETRY_MAX_RETRY_AFTER_MS: number = 10 * 60 * 1000;

/** Events wait this long for the first artifact, which may hold the headers to send them with. */
export const TELEMETRY_HOLD_MS = 10_000;

/** The headers outlive the secrets they came with by this, so that their end can be told. */
export const TELEMETRY_LAST_WORDS_MS = 30_000;

/** Between two exports of metrics, unless `OTEL_METRIC_EXPORT_INTERVAL` says otherwise; the default of OpenTelemetry. */
export const METRIC_INTERVAL_MS = 60_000;

/** The first export of metrics comes within this, so that a start shows soon. */
export const FIRST_METRICS_MS = 10_000;

/** The last flush may take this long with a collector that has answered before. */
export const FLUSH_MS = 1_000;

/** And this long with one that has not: it may be one that never will. */
export const FLUSH_UNPROVEN_MS = 250;

/** What a collector says of a request; a few counts and a message. */
export const TELEMETRY_ANSWER_MAX_BYTES: number = 64 * 1024;

/** And this long when Lambda shuts the environment down, which leaves 2 s for everything. */
export const LAMBDA_FLUSH_MS = 800;

/** Lines of one kind that the log takes within `LOG_WINDOW_MS`; the rest are counted and summed up. */
export const LOG_BURST = 20;

/** Short enough that a summary is news, long enough that a flood is one line a minute. */
export const LOG_WINDOW_MS = 60_000;

/** Kinds of lines that are told apart; more of them at once are one kind. */
export const LOG_KINDS_MAX = 200;

/** `NAME=value` in an environment; what Linux refuses to take (execve(2), MAX_ARG_STRLEN). */
export const ENVIRONMENT_STRING_MAX_BYTES: number = 128 * 1024;

/** What else the system may lay beside environment and arguments: a script's interpreter, and paths. */
export const EXECVE_MARGIN_BYTES = 8_192;

/** Problems of one set of secrets that are named one by one; the rest are counted. */
export const EXEC_PROBLEMS_SHOWN = 20;

/** Between two looks at secrets that could not be decrypted just now, or at an agent that has given none yet. */
export const EXEC_LOOK_AGAIN_MS = 1_000;

/** Before an agent is asked again that refused our token, which it once took. */
export const EXEC_ATTACH_AGAIN_MS = 5_000;

/** Between two looks at a process group that is ending. */
export const GROUP_POLL_MS = 25;

/** What was sent SIGKILL gets this long to be gone, and is no longer waited for then. */
export const GROUP_KILL_MS = 1_000;
