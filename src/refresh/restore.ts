import { type Clock, type Instant, instantBefore } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { AcceptanceRecord } from "./acceptance-record.ts";
import { type AttemptInput, examine, type StagedOutcome } from "./attempt.ts";

export interface RestoreOptions {
  readonly record: AcceptanceRecord;
  readonly clock: Clock;
  readonly log: Log;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
}

/** What came of the disk cache. Nothing is served yet. */
export type RestoreResult =
  | { readonly kind: "nothing" }
  /** It cannot be decrypted before the KMS answers again. */
  | { readonly kind: "waits_for_kms" }
  | {
      readonly kind: "staged";
      readonly outcome: StagedOutcome;
      /** When the source vouched for it last, before this process started. */
      readonly refreshedAt: Instant;
    };

/**
 * Takes what the disk cache holds through the same verification as any other bytes (contract,
 * section 5). What is older than the TTL, or dated in the future, is purged.
 *
 * @param input - asked for after the cache was read, as its memory of what was accepted counts too.
 */
export async function restore(
  { record, clock, log, ttlMs }: RestoreOptions,
  input: () => AttemptInput,
): Promise<RestoreResult> {
  const cached = await record.load();
  if (cached?.bytes === undefined) return { kind: "nothing" };
  const now = clock.now();
  const ageMs = now.wallMs - cached.refreshedAtMs;
  if (ageMs < 0 || ageMs >= ttlMs) {
    log.info("the disk cache is older than the TTL, or dated in the future, and was purged");
    await record.purge();
    return { kind: "nothing" };
  }
  const outcome = await examine(cached.bytes, undefined, input());
  if (outcome.kind === "staged") {
    return { kind: "staged", outcome, refreshedAt: instantBefore(now, ageMs) };
  }
  if (outcome.kind === "invalid" && outcome.error.code === "kms_unwrap") {
    const text = `the disk cache waits for the KMS, until then it is not used: ${outcome.error.message}`;
    log.warn(text, { reason: outcome.error.code });
    return { kind: "waits_for_kms" };
  }
  if (outcome.kind === "expired") await record.purge();
  const reason = "error" in outcome ? outcome.error.code : outcome.kind;
  log.warn("the disk cache holds an artifact that is refused now; it is not used", { reason });
  return { kind: "nothing" };
}
