import type { Dropped } from "../server/connection-policy.ts";
import type { Handler } from "../server/handler.ts";

/** What the server tells of itself while it works. Nothing here waits, throws or rejects. */
export interface Telemetry {
  /** The same handler, with its requests counted. */
  observe(handler: Handler): Handler;
  /** A connection was closed because there were too many. */
  connectionDropped(reason: Dropped): void;
  /** The metrics of this moment as Prometheus reads them; undefined where nobody may scrape them. */
  readonly scrape: (() => string) | undefined;
  /** Sends what is left, within `budgetMs` milliseconds, and forgets the headers. */
  stop(budgetMs: number): Promise<void>;
}

/** Where none is configured: nothing is kept, and requests pass untouched. */
export const noTelemetry: Telemetry = {
  observe: (handler) => handler,
  connectionDropped: () => undefined,
  scrape: undefined,
  stop: () => Promise.resolve(),
};
