/** As an extension of AWS Lambda. */

/** Requests under way at SHUTDOWN get this long to finish: the handler is gone, so nobody is left to answer. */
export const LAMBDA_DRAIN_MS = 200;

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

/** The last flush of telemetry may take this long, of the 2 s that Lambda leaves for everything. */
export const LAMBDA_FLUSH_MS = 800;
