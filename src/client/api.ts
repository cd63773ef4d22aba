import type { ClientError } from "./error.ts";

export interface CallOptions {
  /** Ends the call with `aborted`; `AbortSignal.timeout(ms)` limits its time. */
  readonly signal?: AbortSignal | undefined;
}

export interface WatchOptions extends CallOptions {
  /** Told of each attempt that failed and is made again. */
  readonly onTrouble?: ((error: ClientError) => void) | undefined;
}

export interface ReadyOptions extends CallOptions {
  /** Milliseconds; 60,000 unless given, and `Infinity` for ever. */
  readonly timeoutMs?: number | undefined;
}

/** All secrets by their flat names: `KEY`, or `<namespace>__KEY`. */
export type Secrets = Readonly<Record<string, string>>;

/** What became of a look at the source. */
export interface RefreshResult {
  readonly outcome: "refreshed" | "unchanged" | "failed" | "invalid" | "expired" | "revoked";
  /** Of what is served now; null where nothing is. */
  readonly revision: string | null;
  /** Why not, where something was wrong: one of the agent's error codes. */
  readonly reason: string | null;
}

/**
 * One agent, as seen from an application. Nothing is sent before the first call, and nothing has to be
 * closed. Calls that only read are tried again for up to 1.5 s where the agent cannot be reached, has no secrets
 * yet, is busy, or refuses a token of a file that was just written anew.
 */
export interface Client {
  /**
   * The value of one secret.
   *
   * @param name - a name of `keys()`, or a bare key that only one namespace has.
   * @throws ClientError `not_found` or `ambiguous`, or for a reason that every call has.
   */
  get(name: string, options?: CallOptions): Promise<string>;
  /** All secrets by their flat names. @throws ClientError */
  getAll(options?: CallOptions): Promise<Secrets>;
  /** The flat names of all secrets, in the order in which they were packed. @throws ClientError */
  keys(options?: CallOptions): Promise<readonly string[]>;
  /**
   * Waits until the agent serves secrets; where the token comes from a file, also until that is there.
   *
   * @throws ClientError with the reason why it does not, when the time is over.
   */
  ready(options?: ReadyOptions): Promise<void>;
  /**
   * Lets the agent look at its source now. It is asked once.
   *
   * @returns what became of that; a look that failed is no error.
   * @throws ClientError `busy` within a second after the last look, or for a reason that every call has.
   */
  refresh(options?: CallOptions): Promise<RefreshResult>;
  /**
   * All secrets now, and again after every change of a name or a value, for as long as the loop runs. What
   * changed while the agent was away is one change. It connects again by itself, and `onTrouble` hears why it
   * had to.
   *
   * @throws ClientError `revoked` as soon as they are; `unauthorized` where no other token came within some
   *   seconds; `aborted`; `unexpected_answer`. It may be called again then.
   */
  watch(options?: WatchOptions): AsyncGenerator<Secrets, void>;
}
