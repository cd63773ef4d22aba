import type { Revocation } from "../artifact/artifact.ts";
import type { Policy } from "../artifact/verify.ts";
import { type AgentError, reasonOf } from "../errors.ts";
import type { Freshness } from "../freshness/freshness.ts";
import type { SecretsStore } from "../store/secrets.ts";
import { payloadTag } from "../store/snapshot.ts";
import type { Clock, Instant } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { AcceptanceRecord } from "./acceptance-record.ts";
import type { AttemptInput, Outcome, StagedOutcome } from "./attempt.ts";
import type { Changes } from "./changes.ts";
import { RefreshHistory } from "./refresh-history.ts";
import { restore } from "./restore.ts";
import { ServingState } from "./serving-state.ts";
import type { Status } from "./status.ts";

export interface CustodyOptions {
  readonly policy: Policy;
  readonly store: SecretsStore;
  readonly record: AcceptanceRecord;
  /** Where each change is published after it took effect. */
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Log;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
}

/** Lets the outcome of each attempt take effect, and knows what came of all of them. */
export class Custody {
  readonly #options: CustodyOptions;
  readonly #history = new RefreshHistory();
  readonly #state: ServingState;

  constructor(options: CustodyOptions) {
    this.#options = options;
    this.#state = new ServingState(options);
  }

  /** The state of freshness now; secrets whose time is over are wiped before it answers. */
  freshness(): Freshness {
    return this.#state.freshness();
  }

  status(): Status {
    const freshness = this.freshness();
    return {
      freshness: freshness.kind,
      revision: freshness.kind === "fresh" ? freshness.serving.revision : null,
      dataFrom: this.#state.dataFrom,
      ...this.#history.report(this.#options.clock.now()),
    };
  }

  /** The tag of the payload that is served, as its snapshots have it; undefined where nothing is. */
  payloadTag(): string | undefined {
    const held = this.#state.heldNow();
    return held && payloadTag(held.artifact.fields);
  }

  /** Milliseconds until what is served expires by its own date; infinite if it does not. */
  untilExpiryMs(): number {
    return this.#state.untilExpiryMs();
  }

  /** Attempts that failed since the last one that did not. */
  get failures(): number {
    return this.#history.failures;
  }

  /** Whether anything was ever served. */
  get hasServed(): boolean {
    return this.#state.hasServed;
  }

  get lastFailure(): AgentError | undefined {
    return this.#history.lastFailure;
  }

  /** What an attempt to refresh starts from. What is held, and still may be, is looked up when it is asked for. */
  attemptInput(): AttemptInput {
    const { policy, store, record } = this.#options;
    const state = this.#state;
    return {
      policy,
      store,
      memory: record.memory,
      get held() {
        return state.heldNow();
      },
      nowMs: () => this.#state.wallMs(),
    };
  }

  /**
   * Serves the disk cache, if nothing was served yet and it holds something that is still good. Its age
   * goes on counting.
   *
   * @returns whether that is settled; false if only a KMS stood in the way, which may change.
   */
  async restore(): Promise<boolean> {
    if (this.freshness().kind !== "not_loaded") return true;
    const result = await restore(this.#options, () => this.attemptInput());
    if (result.kind === "staged") this.#serve(result.outcome, result.refreshedAt, "disk_cache");
    return result.kind !== "waits_for_kms";
  }

  /** Lets the outcome of one attempt take effect. */
  async settle(outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "unchanged":
        return this.#settleUnchanged(outcome.etag);
      case "staged":
        return this.#settleStaged(outcome);
      case "revoked":
        return this.#settleRevoked(outcome.revocation);
      case "expired":
        this.#settleExpired(outcome.expiresAt, outcome.error);
        return undefined;
      case "invalid":
        this.#settleInvalid(outcome.error);
        return undefined;
      case "fetch_failed":
        this.#settleFailed(outcome.error);
        return undefined;
    }
  }

  /** Forgets everything; the end. */
  close(): void {
    this.#state.close();
  }

  async #settleUnchanged(etag: string | undefined): Promise<void> {
    const { record, clock, log } = this.#options;
    const { held } = this.#state;
    if (held === undefined) return;
    const now = clock.now();
    this.#history.refreshed(now);
    this.#state.renew(held, etag, now);
    log.debug("source unchanged");
    await record.keep(held.artifact, now.wallMs);
  }

  async #settleStaged(outcome: StagedOutcome): Promise<void> {
    const { record, clock, log } = this.#options;
    const { artifact, warning } = outcome;
    if (warning !== undefined) {
      log.warn(`accepted all the same, as CLEF_AGENT_VERIFY_KEY is not set: ${warning.message}`, {
        reason: warning.code,
      });
    }
    // On disk before a reader can see it, so that no restart goes back behind what was served.
    const now = clock.now();
    await record.accept(artifact, now.wallMs);
    this.#serve(outcome, now, "origin");
  }

  async #settleRevoked(revocation: Revocation): Promise<void> {
    const isNew = this.#options.record.revoke(revocation);
    const already = this.freshness().kind === "revoked";
    this.#history.answered();
    this.#state.revoke(revocation);
    if (isNew || !already) await this.#options.record.purge();
  }

  #settleExpired(expiresAt: string, error: AgentError): void {
    const { kind } = this.freshness();
    this.#history.failed(error);
    this.#state.expire(expiresAt);
    if (kind !== "fresh") return;
    this.#options.log.warn(
      `what is served stays, as the source holds nothing newer that is good: ${error.message}`,
      { reason: error.code },
    );
  }

  #settleInvalid(error: AgentError): void {
    this.#history.failed(error);
    this.#state.attemptFailed("invalid");
    const { message } = error;
    this.#options.log.event({ name: "artifact.invalid", reason: reasonOf(error), error: message });
  }

  #settleFailed(error: AgentError): void {
    this.#history.failed(error);
    this.#state.attemptFailed("fetch_failed");
    this.#options.log.event({
      name: "fetch.failed",
      code: error.code,
      error: error.message,
      diskCacheAvailable: this.#options.record.holdsArtifact,
    });
  }

  #serve(outcome: StagedOutcome, refreshedAt: Instant, from: "origin" | "disk_cache"): void {
    this.#history.refreshed(refreshedAt);
    this.#state.serve(outcome, refreshedAt, from);
  }
}
