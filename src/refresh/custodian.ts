import type { Revocation } from "../artifact/artifact.ts";
import {
  NOTHING_ACCEPTED,
  remember,
  rememberRevocation,
  type TrustMemory,
} from "../artifact/trust.ts";
import type { Policy } from "../artifact/verify.ts";
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
import { type Clock, type Instant, instantBefore, steadyWallMs } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { type AttemptInput, examine, type Held, type Outcome } from "./attempt.ts";
import type { Status } from "./status.ts";
import { RefreshHistory } from "./refresh-history.ts";

export interface CustodianOptions {
  readonly policy: Policy;
  readonly store: SecretsStore;
  readonly cache: ArtifactCache;
  readonly clock: Clock;
  readonly log: Log;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
  /** Told of every artifact that begins to be served. */
  readonly onServing: (serving: NowServing) => void;
  /** Told of every revocation that takes effect. */
  readonly onRevoked: () => void;
}

export interface NowServing {
  readonly revision: string;
  readonly identity: string;
  readonly environment: string;
  readonly keyCount: number | undefined;
  readonly from: "origin" | "disk_cache";
}

type Of<Kind extends Outcome["kind"]> = Extract<Outcome, { kind: Kind }>;

/**
 * Holds what may be served and what is known of it: the state of freshness, the memory of what was
 * accepted, the store and the disk cache move together here and nowhere else.
 */
export class Custodian {
  readonly #options: CustodianOptions;
  readonly #record = new RefreshHistory();
  #freshness: Freshness = NOT_LOADED;
  #memory: TrustMemory = NOTHING_ACCEPTED;
  #held: Held | undefined;
  /** When the latest revision was accepted for the first time; time counts from there. */
  #accepted: { readonly revision: string; readonly at: Instant } | undefined;
  #dataFrom: Status["dataFrom"] = null;
  /** The expiry that was told already, so that asking again for the same artifact says nothing new. */
  #toldExpiry: string | undefined;

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
    return {
      freshness: freshness.kind,
      revision: freshness.kind === "fresh" ? freshness.serving.revision : null,
      dataFrom: this.#dataFrom,
      ...this.#record.report(this.#options.clock.now()),
    };
  }

  /** Milliseconds until what is served expires by itself; infinite if it does not. */
  untilExpiryMs(): number {
    const freshness = this.freshness();
    if (freshness.kind !== "fresh") return Number.POSITIVE_INFINITY;
    return untilExpiryMs(freshness, this.#options.clock.now());
  }

  get failures(): number {
    return this.#record.failures;
  }

  get lastFailure(): AgentError | undefined {
    return this.#record.lastFailure;
  }

  /** What an attempt to refresh starts from. What is held is looked up when it is asked for. */
  attemptInput(): AttemptInput {
    const { policy, store, clock } = this.#options;
    const held = (): Held | undefined => this.#held;
    return {
      policy,
      store,
      memory: this.#memory,
      get held() {
        return held();
      },
      nowMs: () => this.#wallMs(clock.now()),
    };
  }

  /**
   * Serves the disk cache, if nothing was served yet and it holds something that is still good. Its age
   * goes on counting.
   *
   * @returns whether that is settled; false if only a KMS stood in the way, which may change.
   */
  async restore(): Promise<boolean> {
    if (this.#freshness.kind !== "not_loaded") return true;
    const { cache, clock, log, ttlMs } = this.#options;
    const cached = await cache.load();
    if (cached === undefined) return true;
    this.#memory = cached.memory;
    if (cached.bytes === undefined) return true;
    const now = clock.now();
    const ageMs = now.wallMs - cached.refreshedAtMs;
    if (ageMs < 0 || ageMs >= ttlMs) {
      log.info("the disk cache is older than the TTL and was purged");
      await cache.purge(this.#memory);
      return true;
    }
    const outcome = await examine(cached.bytes, undefined, this.attemptInput());
    if (outcome.kind === "staged") {
      this.#swapIn(outcome, instantBefore(now, ageMs), "disk_cache");
      return true;
    }
    if (outcome.kind === "invalid" && outcome.error.code === "kms_unwrap") {
      log.warn(
        `the disk cache waits for the KMS, until then it is not used: ${outcome.error.message}`,
        {
          reason: outcome.error.code,
        },
      );
      return false;
    }
    if (outcome.kind === "expired") await cache.purge(this.#memory);
    const reason = "error" in outcome ? outcome.error.code : outcome.kind;
    log.warn("the disk cache holds an artifact that is refused now; it is not used", { reason });
    return true;
  }

  /** Lets the outcome of one attempt take effect. */
  async settle(outcome: Outcome): Promise<void> {
    switch (outcome.kind) {
      case "unchanged":
        return this.#settleUnchanged(outcome);
      case "staged":
        return this.#settleStaged(outcome);
      case "revoked":
        return this.#settleRevoked(outcome.revocation);
      case "expired":
        this.#settleExpired(outcome);
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
    this.#held = undefined;
    this.#freshness = NOT_LOADED;
    this.#options.store.wipe();
  }

  async #settleUnchanged({ etag }: Of<"unchanged">): Promise<void> {
    const { cache, clock, log } = this.#options;
    if (this.#held === undefined) return;
    const now = clock.now();
    this.#held = { artifact: this.#held.artifact, etag: etag ?? this.#held.etag };
    this.#record.refreshed(now);
    this.#dataFrom = "origin";
    this.#enter({ kind: "unchanged", at: now });
    log.debug("source unchanged");
    await cache.keep(this.#held.artifact, now.wallMs, this.#memory);
  }

  async #settleStaged(outcome: Of<"staged">): Promise<void> {
    const { cache, clock, log } = this.#options;
    const { artifact, staged, warning } = outcome;
    const { revision, envelope } = artifact.fields;
    if (warning !== undefined) {
      log.warn(`accepted all the same, as CLEF_AGENT_VERIFY_KEY is not set: ${warning.message}`, {
        reason: warning.code,
      });
    }
    // On disk before a reader can see it, so that no restart goes back behind what was served.
    const now = clock.now();
    this.#memory = remember(this.#memory, artifact);
    await cache.keep(artifact, now.wallMs, this.#memory);
    this.#swapIn(outcome, now, "origin");
    log.event({
      name: "artifact.refreshed",
      revision,
      keyCount: staged.keyCount,
      kmsEnvelope: envelope !== undefined,
    });
  }

  async #settleRevoked(revocation: Revocation): Promise<void> {
    const { cache, log } = this.#options;
    const already = this.#freshness.kind === "revoked";
    const known = this.#memory.revoked.length;
    this.#memory = rememberRevocation(this.#memory, revocation);
    this.#record.answered();
    this.#enter({ kind: "revoked" });
    if (already && this.#memory.revoked.length === known) return;
    if (!already) {
      log.event({ name: "artifact.revoked", revokedAt: revocation.revokedAt.text });
      this.#options.onRevoked();
    }
    await cache.purge(this.#memory);
  }

  #settleExpired({ expiresAt, error }: Of<"expired">): void {
    const better = this.freshness().kind === "fresh";
    this.#record.failed(error);
    this.#enter({ kind: "expired" });
    if (better) {
      this.#options.log.warn(
        `what is served stays, as the source holds nothing newer that is good: ${error.message}`,
        {
          reason: error.code,
        },
      );
    } else this.#tellExpiry(expiresAt);
  }

  #settleInvalid(error: AgentError): void {
    this.#record.failed(error);
    this.#enter({ kind: "invalid" });
    const reason = reasonOf(error);
    this.#options.log.event({ name: "artifact.invalid", reason, error: error.message });
  }

  #settleFailed(error: AgentError): void {
    this.#record.failed(error);
    this.#enter({ kind: "fetch_failed" });
    this.#options.log.event({
      name: "fetch.failed",
      code: error.code,
      error: error.message,
      diskCacheAvailable: this.#options.cache.holdsArtifact,
    });
  }

  #swapIn(outcome: Of<"staged">, refreshedAt: Instant, from: "origin" | "disk_cache"): void {
    const { artifact, etag, staged } = outcome;
    const { revision, identity, environment, expiresAt } = artifact.fields;
    staged.commit();
    this.#held = { artifact, etag };
    if (this.#accepted?.revision !== revision) this.#accepted = { revision, at: refreshedAt };
    this.#dataFrom = from;
    this.#toldExpiry = undefined;
    this.#record.refreshed(refreshedAt);
    const serving = { revision, expiresAtMs: expiresAt?.ms, expiresAt: expiresAt?.text };
    const acceptedAt = this.#accepted.at;
    this.#enter({ kind: "accepted", serving, refreshedAt, acceptedAt });
    const { keyCount } = staged;
    this.#options.onServing({ revision, identity, environment, keyCount, from });
  }

  /** Unix time that a clock set back since the last artifact was accepted cannot lower. */
  #wallMs(now: Instant): number {
    return this.#accepted === undefined ? now.wallMs : steadyWallMs(this.#accepted.at, now);
  }

  /** Moves the state machine, and does what leaving the fresh state means: the plaintext goes. */
  #enter(event: FreshnessEvent): void {
    const { cache, log, store, ttlMs } = this.#options;
    const before = this.#freshness;
    this.#freshness = nextFreshness(before, event, ttlMs);
    const after = this.#freshness;
    if (before.kind !== "fresh" || after.kind === "fresh") return;
    store.wipe();
    this.#held = undefined;
    this.#dataFrom = null;
    if (after.kind === "revoked") return;
    const diskCachePurged = cache.holdsArtifact;
    void cache.purge(this.#memory);
    if (after.kind === "artifact_expired") this.#tellExpiry(before.serving.expiresAt ?? "");
    else log.event({ name: "cache.expired", cacheTtlSeconds: ttlMs / 1000, diskCachePurged });
  }

  #tellExpiry(expiresAt: string): void {
    if (this.#toldExpiry === expiresAt) return;
    this.#toldExpiry = expiresAt;
    this.#options.log.event({ name: "artifact.expired", expiresAt });
  }
}
