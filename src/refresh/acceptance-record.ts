import type { Revocation } from "../artifact/artifact.ts";
import {
  NOTHING_ACCEPTED,
  remember,
  rememberRevocation,
  type TrustMemory,
} from "../artifact/trust.ts";
import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { ArtifactCache, CachedArtifact } from "../store/artifact-cache.ts";

/**
 * What was accepted and what was revoked so far, in memory and, where a cache is configured, on disk:
 * every write of the cache writes this memory too, so that no restart forgets it.
 */
export class AcceptanceRecord {
  readonly #cache: ArtifactCache;
  #memory: TrustMemory = NOTHING_ACCEPTED;

  constructor(cache: ArtifactCache) {
    this.#cache = cache;
  }

  get memory(): TrustMemory {
    return this.#memory;
  }

  /** Whether the disk cache holds an artifact now. */
  get holdsArtifact(): boolean {
    return this.#cache.holdsArtifact;
  }

  /** What the disk cache holds; its memory becomes ours. */
  async load(): Promise<CachedArtifact | undefined> {
    const cached = await this.#cache.load();
    if (cached !== undefined) this.#memory = cached.memory;
    return cached;
  }

  /** @returns whether it was not known yet. */
  revoke(revocation: Revocation): boolean {
    const known = this.#memory.revoked.length;
    this.#memory = rememberRevocation(this.#memory, revocation);
    return this.#memory.revoked.length !== known;
  }

  /** The artifact is accepted, and goes into the disk cache. */
  async accept(artifact: VerifiedArtifact, refreshedAtMs: number): Promise<void> {
    this.#memory = remember(this.#memory, artifact);
    await this.keep(artifact, refreshedAtMs);
  }

  /** The source vouched at that time (Unix, in milliseconds) for an artifact accepted before. */
  async keep(artifact: VerifiedArtifact, refreshedAtMs: number): Promise<void> {
    await this.#cache.keep(artifact, refreshedAtMs, this.#memory);
  }

  /** Takes the artifact off the disk; what was accepted and revoked stays known. */
  async purge(): Promise<void> {
    await this.#cache.purge(this.#memory);
  }
}
