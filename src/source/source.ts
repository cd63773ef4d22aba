export interface FetchRequest {
  /** What the source called the state we already hold; undefined asks for the bytes in any case. */
  readonly etag: string | undefined;
  /** Aborted when the agent stops. Deadlines are the source's own business. */
  readonly signal: AbortSignal;
}

export type FetchAnswer =
  | {
      readonly kind: "bytes";
      readonly bytes: Uint8Array;
      /** To be sent back with the next request; undefined where the source has none. */
      readonly etag: string | undefined;
    }
  /** What the source holds is still what `etag` named. */
  | { readonly kind: "unchanged" };

/** Where packed artifacts come from. */
export interface Source {
  readonly type: "file" | "http" | "s3" | "gcs" | "azure_blob" | "vcs";
  /** For people: the address, without credentials or query. */
  readonly description: string;
  /** Tells this source from every other one; names its entry in the disk cache. */
  readonly cacheKey: string;
  /**
   * Gets what the source holds now; at most `ARTIFACT_MAX_BYTES`, over a network within `FETCH_DEADLINE_MS`.
   *
   * @throws AgentError with a `source_…` code, and `retryAfterMs` if the other side asked to wait.
   */
  fetch(request: FetchRequest): Promise<FetchAnswer>;
  /** Calls `onChange` when there is something new, where the source can tell. */
  watch?(onChange: () => void, signal: AbortSignal): Promise<void>;
}
