import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { Snapshot } from "./snapshot.ts";

/** An artifact that was found good, ready to be served; `commit` swaps it in, `discard` drops it. */
export interface Staged {
  /** Undefined where nothing was decrypted yet. */
  readonly keyCount: number | undefined;
  commit(): void;
  discard(): void;
}

/** What holds the secrets, in one of the two modes. */
export interface SecretsStore {
  /**
   * Prepares an artifact without touching what is served now.
   *
   * @throws AgentError if it cannot be decrypted, or its payload is not what it should be.
   */
  stage(artifact: VerifiedArtifact): Promise<Staged>;
  /** What is served now, or undefined when there is nothing. */
  open(): Snapshot | undefined;
  /** Forgets everything, with zeros. */
  wipe(): void;
}
