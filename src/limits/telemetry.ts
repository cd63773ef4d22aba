/** What is sent as telemetry, and the log. */

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

/** Lines of one kind that the log takes within `LOG_WINDOW_MS`; the rest are counted and summed up. */
export const LOG_BURST = 20;

/** Short enough that a summary is news, long enough that a flood is one line a minute. */
export const LOG_WINDOW_MS = 60_000;

/** Kinds of lines that are told apart; more of them at once are one kind. */
export const LOG_KINDS_MAX = 200;
