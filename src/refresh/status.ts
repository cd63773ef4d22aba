import type { ErrorCode } from "../errors.ts";
import type { Freshness } from "../freshness/freshness.ts";

/** What the agent knows of itself, for `/v1/health` and `/v1/ready`. Holds nothing secret. */
export interface Status {
  readonly freshness: Freshness["kind"];
  readonly revision: string | null;
  /** Unix time in milliseconds of the last successful refresh. */
  readonly lastRefreshAt: number | null;
  /** Seconds since then by the clock that counts; null before the first. */
  readonly ageSeconds: number | null;
  /** Where the data came from; null when there is none. */
  readonly dataFrom: "origin" | "disk_cache" | null;
  readonly consecutiveFailures: number;
  /** Code of the last failure since the last success, of an attempt or else of a decryption. */
  readonly lastFailure: ErrorCode | null;
}
