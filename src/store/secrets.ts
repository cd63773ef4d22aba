import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { AgentError } from "../errors.ts";
import type { IsCancelled } from "./semaphore.ts";
import type { Snapshot } from "./snapshot.ts";

/** An artifact that was found good, ready to be served; `commit` swaps it in, `discard` drops it. */
export interface Staged {
  /** Undefined in just-in-time mode, which keeps no plaintext. */
  readonly keyCount: number | undefined;
  commit(): void;
  discard(): void;
}

/**
 * What a reader is given: the secrets, or why there are none. An error says that what is held could
 * not be decrypted now; `busy`, that too many readers ask at once, or that this one left before its turn;
 * `empty`, that nothing is held.
 */
export type OpenResult = Snapshot | AgentError | "busy" | "empty";

/** What holds the secrets, in one of the two modes. */
export interface SecretsStore {
  /**
   * Prepares an artifact without touching what is served now.
   *
   * @throws AgentError if it cannot be decrypted, or its payload is not what it should be.
   */
  stage(artifact: VerifiedArtifact): Promise<Staged>;
  /**
   * Opens what is served now for one reader, who must `release` the snapshot when done with it. A
   * promise where it must be decrypted first. Never throws, never rejects.
   *
   * @param isCancelled - nothing is decrypted any more for a reader of whom this is true when its turn comes.
   */
  open(isCancelled?: IsCancelled): OpenResult | Promise<OpenResult>;
  /** Forgets everything, with zeros. */
  wipe(): void;
}
