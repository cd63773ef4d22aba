import type { TrustMemory } from "../artifact/trust.ts";
import type { VerifiedArtifact } from "../artifact/verify.ts";

/** What a cache gave back: bytes that nobody has verified yet in this process. */
export interface CachedArtifact {
  /** Undefined where only the memory was kept, as after a revocation. */
  readonly bytes: Uint8Array | undefined;
  /** Unix time in milliseconds of the last successful refresh. */
  readonly refreshedAtMs: number;
  readonly memory: TrustMemory;
}

/** Keeps the last verified artifact beyond the life of the process. Never throws; warns instead. */
export interface ArtifactCache {
  /** Whether `load` would find an artifact now. */
  readonly holdsArtifact: boolean;
  /** How often it could not be read or written. */
  readonly failures: number;
  load(): Promise<CachedArtifact | undefined>;
  /** Notes a successful refresh of `artifact`. */
  keep(artifact: VerifiedArtifact, refreshedAtMs: number, memory: TrustMemory): Promise<void>;
  /** Forgets the artifact and keeps the memory. */
  purge(memory: TrustMemory): Promise<void>;
}

/** Where no cache is configured. */
export const noCache: ArtifactCache = {
  holdsArtifact: false,
  failures: 0,
  load: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(),
  purge: () => Promise.resolve(),
};
