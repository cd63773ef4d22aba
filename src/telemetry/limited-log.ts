import { LOG_BURST, LOG_KINDS_MAX, LOG_WINDOW_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import type { AgentEvent } from "./events.ts";
import type { Fields, Log } from "./log.ts";
import { RateLimiter } from "./rate-limiter.ts";

export interface LimitedLog extends Log {
  /** Tells at once what was left out so far; the end. */
  finish(): void;
}

/**
 * A log that neither a client nor a loop that fails can flood: of lines of one kind only the first
 * `LOG_BURST` within a minute are written, and then one that says how many there were. Debug lines are
 * written in any case, as somebody asked for everything.
 */
export function limitedLog(log: Log, clock: Clock): LimitedLog {
  const limiter = new RateLimiter({
    burst: LOG_BURST,
    windowMs: LOG_WINDOW_MS,
    maxKinds: LOG_KINDS_MAX,
  });
  let timer: Timer | undefined;

  const summarize = (untilMs: number): void => {
    for (const { kind, suppressed } of limiter.summaries(untilMs)) {
      const text = `${suppressed} more lines like this within ${LOG_WINDOW_MS / 1000} s: ${kind}`;
      log.warn(text, { suppressed });
    }
  };

  const summarizeLater = (): void => {
    const dueMs = limiter.nextSummaryMs;
    if (dueMs === undefined || timer !== undefined) return;
    const { monoMs } = clock.now();
    timer = clock.after(Math.max(0, dueMs - monoMs), () => {
      timer = undefined;
      summarize(clock.now().monoMs);
      summarizeLater();
    });
  };

  const admits = (kind: string): boolean => {
    const admitted = limiter.admits(kind, clock.now().monoMs);
    if (!admitted) summarizeLater();
    return admitted;
  };

  const limited =
    (level: "info" | "warn" | "error") =>
    (message: string, fields?: Fields): void => {
      if (admits(message)) log[level](message, fields);
    };

  return {
    ...log,
    info: limited("info"),
    warn: limited("warn"),
    error: limited("error"),
    event(event) {
      if (admits(kindOf(event))) log.event(event);
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
