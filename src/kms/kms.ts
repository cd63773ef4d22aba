import type { KmsProvider } from "../artifact/artifact.ts";
import type { Network } from "../net/network.ts";

/** A data key as a KMS gave it back, and under which key. */
export interface Wrapped {
  /** The key that wrapped it, named so that it stays the same key: never an alias. */
  readonly keyId: string;
  readonly wrappedKey: Buffer;
}

/**
 * One provider's KMS. Credentials are found by the provider's own library the first time they are
 * needed, and kept. Every call is over within `KMS_DEADLINE_MS`.
 */
export interface Kms {
  readonly provider: KmsProvider;
  /** What the envelope must call the way of wrapping (contract, section 1). */
  readonly algorithm: string;
  /**
   * Asks for the data key. The answer belongs to the caller, who wipes it.
   *
   * @throws AgentError `kms_unwrap`; also for a `keyId` that is not one of the provider's, which is
   * sent nowhere.
   */
  unwrap(keyId: string, wrappedKey: Buffer): Promise<Buffer>;
  /**
   * Wraps a data key, which stays the caller's.
   *
   * @throws AgentError `kms_failed`.
   */
  wrap(keyId: string, dataKey: Buffer): Promise<Wrapped>;
}

/** What every KMS needs of its surroundings. */
export interface KmsParts {
  /** Aborts the calls that are under way. */
  readonly signal: AbortSignal;
  readonly network: Network;
}

/** Gives the KMS of a provider, and loads its code only then. */
export type OpenKms = (provider: KmsProvider) => Promise<Kms>;
