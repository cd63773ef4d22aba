import { LOG_BURST, LOG_KINDS_MAX, LOG_WINDOW_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import { type AgentEvent, SEVERITY } from "./events.ts";
import type { Fields, Log } from "./log.ts";
import { RateLimiter } from "./rate-limiter.ts";

const LEVELS = ["info", "warn", "error"] as const;
type LimitedLevel = (typeof LEVELS)[number];
const LEVEL_OF = { INFO: "info", WARN: "warn", ERROR: "error" } as const;
const LIMITS = { burst: LOG_BURST, windowMs: LOG_WINDOW_MS, maxKinds: LOG_KINDS_MAX } as const;

export interface LimitedLog extends Log {
  /** Tells at once what was left out so far; the end. */
  finish(): void;
}

/**
 * A log that neither a client nor a loop that fails can flood: of lines of one kind only the first
 * `LOG_BURST` within a minute are written, and then one at their level that says how many there were.
 * Debug lines are written in any case, as somebody asked for everything.
 */
export function limitedLog(log: Log, clock: Clock): LimitedLog {
  const limiters: Readonly<Record<LimitedLevel, RateLimiter>> = {
    info: new RateLimiter(LIMITS),
    warn: new RateLimiter(LIMITS),
    error: new RateLimiter(LIMITS),
  };
  let timer: Timer | undefined;

  const summarize = (untilMs: number): void => {
    for (const level of LEVELS) {
      for (const { kind, suppressed } of limiters[level].summaries(untilMs)) {
        const text = `${suppressed} more lines like this within ${LOG_WINDOW_MS / 1000} s: ${kind}`;
        log[level](text, { suppressed });
      }
    }
  };

  const summarizeLater = (): void => {
    if (timer !== undefined) return;
    const dueMs = Math.min(...LEVELS.map((level) => limiters[level].nextSummaryMs ?? Infinity));
    if (dueMs === Infinity) return;
    const { monoMs } = clock.now();
    timer = clock.after(Math.max(0, dueMs - monoMs), () => {
      timer = undefined;
      summarize(clock.now().monoMs);
      summarizeLater();
    });
  };

  const admits = (level: LimitedLevel, kind: string): boolean => {
    const admitted = limiters[level].admits(kind, clock.now().monoMs);
    if (!admitted) summarizeLater();
    return admitted;
  };

  const limited =
    (level: LimitedLevel) =>
    (message: string, fields?: Fields): void => {
      if (admits(level, message)) log[level](message, fields);
    };

  return {
    ...log,
    info: limited("info"),
    warn: limited("warn"),
    error: limited("error"),
    event(event) {
      if (admits(LEVEL_OF[SEVERITY[event.name]], kindOf(event))) log.event(event);
    },
    finish() {
      timer?.cancel();
      summarize(Number.POSITIVE_INFINITY);
    },
  };
}

/** Events are alike if they have the same name and the same reason, whatever their message says. */
function kindOf(event: AgentEvent): string {
  const reason = "reason" in event ? event.reason : "code" in event ? event.code : undefined;
  return reason === undefined ? event.name : `${event.name} (${reason})`;
}
