import {
  BACKOFF_BASE_MS,
  BACKOFF_FLOOR_MS,
  LAST_ATTEMPT_MS,
  MAX_DEMAND_SPACING_MS,
  MAX_RETRY_AFTER_MS,
  MIN_DEMAND_SPACING_MS,
  MIN_POLL_INTERVAL_MS,
  START_UP_SPACING_MS,
} from "../limits.ts";

/** What the last attempt means for the next one. */
export interface ScheduleInput {
  /** The TTL in milliseconds; 0 in just-in-time mode. */
  readonly ttlMs: number;
  /** Milliseconds until the artifact being served expires; infinite without one or an expiry. */
  readonly untilExpiryMs: number;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** How long the origin asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /**
   * Whether this success is the first one, at all or after failures: a fleet that started at once, or
   * that was brought back at once, is spread out then.
   */
  readonly firstSuccess: boolean;
  /** Undefined once something was served. */
  readonly startUp: StartUpTimes | undefined;
}

/** The start-up, in which clients wait for the first secrets. */
export interface StartUpTimes {
  /** Milliseconds since the last attempt began. */
  readonly sinceAttemptMs: number;
  /** Milliseconds until the agent gives up; infinite if it never does. */
  readonly untilOverMs: number;
}

/**
 * The longest time between two polls that succeed: min(TTL/10, 80 % of the time left to
 * `expiresAt`), at least 5 s (contract, section 4).
 */
export function pollIntervalMs(ttlMs: number, untilExpiryMs: number): number {
  return Math.max(MIN_POLL_INTERVAL_MS, Math.min(ttlMs / 10, untilExpiryMs * 0.8));
}

/**
 * Milliseconds until the next poll.
 *
 * After a success: the interval with up to 10 % taken off by chance; after the first one, anything
 * from the least spacing to the interval, so that agents that start or recover together part at
 * once. After a failure: exponential back-off with full jitter whose ceiling is the interval, so that the agent is
 * back within one interval of the origin. A wait that the origin asked for comes first, and chance
 * is added to it, so that a fleet told to wait does not return in step. While nothing is served yet,
 * attempts are at most 5 s apart, and one is made just before the start-up time is over.
 *
 * @param random - a number from 0 up to 1.
 */
export function nextDelayMs(input: ScheduleInput, random: number): number {
  const interval = pollIntervalMs(input.ttlMs, input.untilExpiryMs);
  if (input.failures > 0) {
    return input.startUp === undefined
      ? backoffMs(input, interval, random)
      : startUpBackoffMs(input, input.startUp, random);
  }
  const least = input.firstSuccess ? MIN_POLL_INTERVAL_MS : interval * 0.9;
  return Math.max(MIN_POLL_INTERVAL_MS, least + random * (interval - least));
}

/**
 * Milliseconds after an attempt in which requests of clients cause no further one.
 *
 * While the origin fails it grows with the back-off up to half of the interval, or a minute: clients who keep
 * asking for secrets that are gone must not make a fleet ask several times as often as it polls, just
 * when its origin is trying to come back. A wait that the origin asked for holds for clients too.
 */
export function demandSpacingMs(input: ScheduleInput): number {
  const { failures } = input;
  const interval = pollIntervalMs(input.ttlMs, input.untilExpiryMs);
  const ceiling =
    failures > 0 ? Math.min(MAX_DEMAND_SPACING_MS, interval / 2, backoffCeilingMs(failures)) : 0;
  return Math.max(MIN_DEMAND_SPACING_MS, ceiling, askedMs(input));
}

/**
 * How long the agent waits for an answer in the start-up before it asks once more beside that request.
 * Together with the least time between two attempts no more than the contract allows between them.
 */
export function startUpPatienceMs(untilOverMs: number): number {
  const patience = START_UP_SPACING_MS - BACKOFF_FLOOR_MS;
  const untilLast = untilOverMs - LAST_ATTEMPT_MS;
  return untilLast > 0 ? Math.min(patience, untilLast) : patience;
}

function startUpBackoffMs(
  input: ScheduleInput,
  { sinceAttemptMs, untilOverMs }: StartUpTimes,
  random: number,
): number {
  const asked = askedMs(input);
  const longest = asked > 0 ? Number.POSITIVE_INFINITY : START_UP_SPACING_MS - sinceAttemptMs;
  const ceiling = Math.min(START_UP_SPACING_MS, backoffCeilingMs(input.failures));
  const drawn = asked > 0 ? asked + random * START_UP_SPACING_MS : equalJitterMs(ceiling, random);
  const delay = Math.max(BACKOFF_FLOOR_MS, Math.min(drawn, longest));
  const lastWasMade = untilOverMs + sinceAttemptMs <= LAST_ATTEMPT_MS;
  return lastWasMade ? delay : Math.min(delay, Math.max(asked, untilOverMs - LAST_ATTEMPT_MS, 0));
}

/** With full jitter a fleet would ask a failing origin a third more often. */
function equalJitterMs(ceiling: number, random: number): number {
  return (ceiling / 2) * (1 + random);
}

function backoffMs(input: ScheduleInput, interval: number, random: number): number {
  const ceiling = Math.min(interval, backoffCeilingMs(input.failures));
  const asked = askedMs(input);
  return Math.max(BACKOFF_FLOOR_MS, asked + random * (asked > 0 ? interval : ceiling));
}

/** The wait that the origin asked for; 0 if it asked for none. */
function askedMs({ retryAfterMs = 0 }: ScheduleInput): number {
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
}

function backoffCeilingMs(failures: number): number {
  return BACKOFF_BASE_MS * 2 ** Math.min(failures - 1, 30);
}
