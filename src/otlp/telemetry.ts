import type { Outcome } from "../refresh/attempt.ts";
import type { Change } from "../refresh/changes.ts";
import type { Dropped } from "../server/connection-policy.ts";
import type { Handler } from "../server/handler.ts";
import type { AgentEvent } from "../telemetry/events.ts";

/** What the agent tells of itself while it works. Nothing here waits, throws or rejects. */
export interface Telemetry {
  event(event: AgentEvent): void;
  /** The same handler, with its requests counted. */
  observe(handler: Handler): Handler;
  /** An attempt to refresh took effect. */
  attempted(outcome: Outcome): void;
  /** What is served has changed. */
  changed(change: Change): void;
  /** A connection was closed because there were too many. */
  connectionDropped(reason: Dropped): void;
  /** Sends what is left, within `budgetMs` milliseconds, and forgets the headers. */
  stop(budgetMs: number): Promise<void>;
}

/** Where none is configured: nothing is kept, and requests pass untouched. */
export const noTelemetry: Telemetry = {
  event: () => undefined,
  observe: (handler) => handler,
  attempted: () => undefined,
  changed: () => undefined,
  connectionDropped: () => undefined,
  stop: () => Promise.resolve(),
};
