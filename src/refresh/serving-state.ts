import type { Revocation } from "../artifact/artifact.ts";
import {
  type Freshness,
  type FreshnessEvent,
  nextFreshness,
  NOT_LOADED,
  untilExpiryMs,
} from "../freshness/freshness.ts";
import type { SecretsStore } from "../store/secrets.ts";
import { type Clock, type Instant, steadyWallMs } from "../system/clock.ts";
import type { AcceptanceRecord } from "./acceptance-record.ts";
import type { Held, StagedOutcome } from "./attempt.ts";
import type { Changes } from "./changes.ts";
import type { Status } from "./status.ts";

export interface ServingStateOptions {
  readonly store: SecretsStore;
  readonly record: AcceptanceRecord;
  readonly changes: Changes;
  readonly clock: Clock;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
}

/**
 * What is served now, and whether it may be: the state of freshness, the artifact held and the store move
 * together here and nowhere else. Each change is published after it took effect.
 */
export class ServingState {
  readonly #options: ServingStateOptions;
  #freshness: Freshness = NOT_LOADED;
  #held: Held | undefined;
  /** When the latest revision was accepted for the first time; time counts from there. */
  #accepted: { readonly revision: string; readonly at: Instant } | undefined;
  #dataFrom: Status["dataFrom"] = null;
  /** The expiry that was told last, so that asking again for the same artifact says nothing new. */
  #toldExpiry: string | undefined;

  constructor(options: ServingStateOptions) {
    this.#options = options;
  }

  /** The state of freshness now; secrets whose time is over are wiped before it answers. */
  freshness(): Freshness {
    this.#enter({ kind: "tick", at: this.#options.clock.now() });
    return this.#freshness;
  }

  /** Milliseconds until what is served expires by its own date; infinite if it does not. */
  untilExpiryMs(): number {
    const freshness = this.freshness();
    if (freshness.kind !== "fresh") return Number.POSITIVE_INFINITY;
    return untilExpiryMs(freshness, this.#options.clock.now());
  }

  /** The artifact that is served, as it came from the source. */
  get held(): Held | undefined {
    return this.#held;
  }

  /** The same, unless its time is over: it is wiped then. */
  heldNow(): Held | undefined {
    this.freshness();
    return this.#held;
  }

  /** Whether anything was ever served. */
  get hasServed(): boolean {
    return this.#accepted !== undefined;
  }

  get dataFrom(): Status["dataFrom"] {
    return this.#dataFrom;
  }

  /** Unix time that a clock set back since the last artifact was accepted cannot lower. */
  wallMs(): number {
    const now = this.#options.clock.now();
    return this.#accepted === undefined ? now.wallMs : steadyWallMs(this.#accepted.at, now);
  }

  /** Serves what was staged, which the source vouched for at that instant. */
  serve(
    { artifact, etag, staged }: StagedOutcome,
    refreshedAt: Instant,
    from: "origin" | "disk_cache",
  ): void {
    const { revision, identity, environment, envelope, expiresAt } = artifact.fields;
    staged.commit();
    this.#held = { artifact, etag };
    if (this.#accepted?.revision !== revision) this.#accepted = { revision, at: refreshedAt };
    this.#dataFrom = from;
    this.#toldExpiry = undefined;
    const serving = { revision, expiresAtMs: expiresAt?.ms, expiresAt: expiresAt?.text };
    const acceptedAt = this.#accepted.at;
    this.#enter({ kind: "accepted", serving, refreshedAt, acceptedAt });
    this.#options.changes.publish({
      kind: "serving",
      revision,
      identity,
      environment,
      keyCount: staged.keyCount,
      kmsEnvelope: envelope !== undefined,
      expiresAtMs: expiresAt?.ms,
      from,
    });
  }

  /**
   * The source vouched for what is served.
   *
   * @param etag - what the source calls it now; undefined where that has not changed.
   */
  renew(held: Held, etag: string | undefined, at: Instant): void {
    this.#held = { artifact: held.artifact, etag: etag ?? held.etag };
    this.#dataFrom = "origin";
    this.#enter({ kind: "unchanged", at });
    this.#options.changes.publish({ kind: "renewed" });
  }

  revoke({ revokedAt }: Revocation): void {
    const already = this.#freshness.kind === "revoked";
    this.#enter({ kind: "revoked" });
    if (already) return;
    this.#options.changes.publish({
      kind: "ended",
      reason: "revoked",
      revokedAt,
    });
  }

  /**
   * The source holds an artifact that is past its expiry, which ends nothing that is served.
   *
   * @param expiresAt - the date as the artifact writes it.
   */
  expire(expiresAt: string): void {
    this.#enter({ kind: "expired" });
    if (this.#freshness.kind === "artifact_expired") this.#tellExpiry(expiresAt);
  }

  /** The source did not answer, or holds what was refused; what is served stays as long as it may. */
  attemptFailed(kind: "fetch_failed" | "invalid"): void {
    this.#enter({ kind });
  }

  /** Forgets everything; the end. */
  close(): void {
    this.#held = undefined;
    this.#freshness = NOT_LOADED;
    this.#options.store.wipe();
  }

  /** Moves the state machine, and does what leaving the fresh state means: the plaintext goes. */
  #enter(event: FreshnessEvent): void {
    const { changes, record, store, ttlMs } = this.#options;
    const before = this.#freshness;
    this.#freshness = nextFreshness(before, event, ttlMs);
    const after = this.#freshness;
    if (before.kind !== "fresh" || after.kind === "fresh") return;
    store.wipe();
    this.#held = undefined;
    this.#dataFrom = null;
    // A revocation is noted on disk by whoever knows what it revokes, together with the purge.
    if (after.kind === "revoked") return;
    const diskCachePurged = record.holdsArtifact;
    void record.purge();
    if (after.kind === "artifact_expired") this.#tellExpiry(before.serving.expiresAt ?? "");
    else changes.publish({ kind: "ended", reason: "cache_expired", ttlMs, diskCachePurged });
  }

  #tellExpiry(expiresAt: string): void {
    if (this.#toldExpiry === expiresAt) return;
    this.#toldExpiry = expiresAt;
    this.#options.changes.publish({ kind: "ended", reason: "artifact_expired", expiresAt });
  }
}
