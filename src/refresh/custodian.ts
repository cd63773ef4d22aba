import type { Revocation } from "../artifact/artifact.ts";
import {
  NOTHING_ACCEPTED,
  remember,
  rememberRevocation,
  type TrustMemory,
} from "../artifact/trust.ts";
import type { Policy, VerifiedArtifact } from "../artifact/verify.ts";
import { type AgentError, reasonOf } from "../errors.ts";
import {
  type Freshness,
  type FreshnessEvent,
  nextFreshness,
  NOT_LOADED,
  untilExpiryMs,
} from "../freshness/freshness.ts";
import type { ArtifactCache } from "../store/artifact-cache.ts";
import type { SecretsStore } from "../store/secrets.ts";
import { type Clock, elapsedMs, type Instant, instantBefore } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { type AttemptInput, examine, type Held, type Outcome } from "./attempt.ts";
import type { Status } from "./status.ts";

export interface CustodianOptions {
  readonly policy: Policy;
  readonly store: SecretsStore;
  readonly cache: ArtifactCache;
  readonly clock: Clock;
  readonly log: Log;
  /** How long secrets may be served without a successful refresh; infinite in just-in-time mode. */
  readonly ttlMs: number;
  /** Told of every artifact that begins to be served, before anyone can read it. */
  readonly onServing: (serving: NowServing) => void;
}

export interface NowServing {
  readonly revision: string;
  readonly keyCount: number | undefined;
  readonly from: "origin" | "disk_cache";
}

type Staged = Extract<Outcome, { kind: "staged" }>;

/**
 * Holds what may be served and what is known of it: the state of freshness, the memory of what was
 * accepted, the store and the disk cache move together here and nowhere else.
 */
export class Custodian {
  readonly #options: CustodianOptions;
  #freshness: Freshness = NOT_LOADED;
  #memory: TrustMemory = NOTHING_ACCEPTED;
  #held: Held | undefined;
  #dataFrom: Status["dataFrom"] = null;
  #lastRefresh: Instant | undefined;
  #failures = 0;
  #lastFailure: AgentError | undefined;

  constructor(options: CustodianOptions) {
    this.#options = options;
  }

  /** The state of freshness now; secrets whose time is over are wiped before it answers. */
  freshness(): Freshness {
    this.#enter({ kind: "tick", at: this.#options.clock.now() });
    return this.#freshness;
  }

  status(): Status {
    const freshness = this.freshness();
    const last = this.#lastRefresh;
    return {
      freshness: freshness.kind,
      revision: freshness.kind === "fresh" ? freshness.serving.revision : null,
      lastRefreshAt: last === undefined ? null : Math.round(last.wallMs),
      ageSeconds:
        last === undefined
          ? null
          : Math.max(0, Math.floor(elapsedMs(last, this.#options.clock.now()) / 1000)),
      dataFrom: this.#dataFrom,
      consecutiveFailures: this.#failures,
      lastFailure: this.#lastFailure?.code ?? null,
    };
  }

  /** Milliseconds until what is served expires by itself; infinite if it does not. */
  untilExpiryMs(): number {
    const freshness = this.freshness();
    if (freshness.kind !== "fresh") return Number.POSITIVE_INFINITY;
    return untilExpiryMs(freshness, this.#options.clock.now());
  }

  /** Why the last attempt failed; undefined after a success. */
  get lastFailure(): AgentError | undefined {
    return this.#lastFailure;
  }

  get failures(): number {
    return this.#failures;
  }

  /** What an attempt to refresh starts from. */
  attemptInput(): AttemptInput {
    const { policy, store, clock } = this.#options;
    return {
      policy,
      store,
      memory: this.#memory,
      held: this.#held,
      nowMs: () => clock.now().wallMs,
    };
  }

  /** Serves the disk cache, if it holds something that is still good. Its age goes on counting. */
  async restore(): Promise<void> {
    const { cache, clock, log, ttlMs } = this.#options;
    const cached = await cache.load();
    if (cached === undefined) return;
    this.#memory = cached.memory;
    const now = clock.now();
    const ageMs = now.wallMs - cached.refreshedAtMs;
    if (cached.bytes === undefined) return;
    if (ageMs < 0 || ageMs >= ttlMs) {
      log.info("the disk cache is older than CLEF_AGENT_CACHE_TTL and is not used");
      return;
    }
    const outcome = await examine(cached.bytes, undefined, this.attemptInput());
    if (outcome.kind !== "staged") {
      log.warn("the disk cache holds an artifact that is refused now; it is not used");
      return;
    }
    this.#swapIn(outcome, instantBefore(now, ageMs), "disk_cache");
  }

  /** Lets the outcome of one attempt take effect. */
  async settle(outcome: Outcome): Promise<void> {
    const now = this.#options.clock.now();
    switch (outcome.kind) {
      case "unchanged":
        return this.#settleUnchanged(now);
      case "staged":
        return this.#settleStaged(outcome, now);
      case "revoked":
        return this.#settleRevoked(outcome.revocation);
      case "expired":
        this.#settleExpired(outcome.expiresAt, outcome.error);
        return undefined;
      case "invalid":
        this.#failed(outcome.error, { kind: "invalid" });
        this.#options.log.event({
          name: "artifact.invalid",
          reason: reasonOf(outcome.error),
          error: outcome.error.message,
        });
        return undefined;
      case "fetch_failed":
        this.#failed(outcome.error, { kind: "fetch_failed" });
        this.#options.log.event({
          name: "fetch.failed",
          code: outcome.error.code,
          error: outcome.error.message,
          diskCacheAvailable: this.#options.cache.holdsArtifact,
        });
        return undefined;
    }
  }

  /** Forgets everything; the end. */
  close(): void {
    this.#held = undefined;
    this.#freshness = NOT_LOADED;
    this.#options.store.wipe();
  }

  async #settleUnchanged(now: Instant): Promise<void> {
    this.#enter({ kind: "unchanged", at: now });
    this.#succeeded(now);
    this.#dataFrom = "origin";
    if (this.#held !== undefined) await this.#keep(this.#held.artifact, now);
    this.#options.log.debug("source unchanged");
  }

  async #settleStaged(outcome: Staged, now: Instant): Promise<void> {
    const { artifact, staged, warning } = outcome;
    if (warning !== undefined) {
      this.#options.log.warn(
        `accepted all the same, as CLEF_AGENT_VERIFY_KEY is not set: ${warning.message}`,
        { reason: warning.code },
      );
    }
    // On disk before a reader can see it, so that no restart goes back behind what was served.
    const memory = remember(this.#memory, artifact.fields);
    await this.#options.cache.keep(artifact, now.wallMs, memory);
    this.#memory = memory;
    this.#succeeded(now);
    this.#swapIn(outcome, now, "origin");
    this.#options.log.event({
      name: "artifact.refreshed",
      revision: artifact.fields.revision,
      keyCount: staged.keyCount,
      kmsEnvelope: artifact.fields.envelope !== undefined,
    });
  }

  async #settleRevoked(revocation: Revocation): Promise<void> {
    const already = this.#freshness.kind === "revoked";
    this.#memory = rememberRevocation(this.#memory, revocation);
    this.#failures = 0;
    this.#lastFailure = undefined;
    this.#enter({ kind: "revoked" });
    if (already) return;
    this.#options.log.event({ name: "artifact.revoked", revokedAt: revocation.revokedAt.text });
    await this.#options.cache.purge(this.#memory);
  }

  #settleExpired(expiresAt: string, error: AgentError): void {
    const before = this.#freshness.kind;
    this.#failed(error, { kind: "expired" });
    if (before === "artifact_expired" || before === "revoked") return;
    this.#options.log.event({ name: "artifact.expired", expiresAt });
  }

  #swapIn(outcome: Staged, refreshedAt: Instant, from: "origin" | "disk_cache"): void {
    const { artifact, etag, staged } = outcome;
    const { revision, expiresAt } = artifact.fields;
    staged.commit();
    this.#held = { artifact, etag };
    this.#dataFrom = from;
    this.#lastRefresh = refreshedAt;
    const serving = { revision, expiresAtMs: expiresAt?.ms, expiresAt: expiresAt?.text };
    this.#enter({ kind: "accepted", serving, refreshedAt });
    this.#options.onServing({ revision, keyCount: staged.keyCount, from });
  }

  async #keep(artifact: VerifiedArtifact, now: Instant): Promise<void> {
    await this.#options.cache.keep(artifact, now.wallMs, this.#memory);
  }

  #succeeded(now: Instant): void {
    this.#lastRefresh = now;
    this.#failures = 0;
    this.#lastFailure = undefined;
  }

  #failed(error: AgentError, event: FreshnessEvent): void {
    this.#failures++;
    this.#lastFailure = error;
    this.#enter(event);
  }

  /** Moves the state machine, and does what leaving the fresh state means: the plaintext goes. */
  #enter(event: FreshnessEvent): void {
    const before = this.#freshness;
    this.#freshness = nextFreshness(before, event, this.#options.ttlMs);
    const after = this.#freshness;
    if (before.kind !== "fresh" || after.kind === "fresh") return;
    this.#options.store.wipe();
    this.#held = undefined;
    this.#dataFrom = null;
    if (after.kind === "cache_expired") this.#reportCacheExpired();
    if (after.kind === "artifact_expired") this.#reportArtifactExpired(before.serving.expiresAt);
  }

  #reportCacheExpired(): void {
    const { cache, log, ttlMs } = this.#options;
    const diskCachePurged = cache.holdsArtifact;
    log.event({ name: "cache.expired", cacheTtlSeconds: ttlMs / 1000, diskCachePurged });
    if (diskCachePurged) void cache.purge(this.#memory);
  }

  #reportArtifactExpired(expiresAt: string | undefined): void {
    this.#options.log.event({ name: "artifact.expired", expiresAt: expiresAt ?? "" });
    void this.#options.cache.purge(this.#memory);
  }
}
