/** What happened to the secrets. Holds no plaintext and no name of a secret. */
export type Change =
  /** From now on this artifact is served. */
  | {
      readonly kind: "serving";
      readonly revision: string;
      readonly identity: string;
      readonly environment: string;
      /** Undefined in just-in-time mode, which keeps no plaintext. */
      readonly keyCount: number | undefined;
      readonly kmsEnvelope: boolean;
      /** Unix time in milliseconds; undefined never expires. */
      readonly expiresAtMs: number | undefined;
      readonly from: "origin" | "disk_cache";
    }
  /** The source vouched once more for what is served; the TTL counts from now. */
  | { readonly kind: "renewed" }
  /** Nothing is served any more, and why. The same end is told once. */
  | { readonly kind: "ended"; readonly reason: "revoked"; readonly revokedAt: string }
  | { readonly kind: "ended"; readonly reason: "artifact_expired"; readonly expiresAt: string }
  | {
      readonly kind: "ended";
      readonly reason: "cache_expired";
      readonly ttlMs: number;
      readonly diskCachePurged: boolean;
    };

/** Must not wait: what takes time is begun here and goes on by itself. */
export type Subscriber = (change: Change) => void;

/**
 * Tells every change to every subscriber, once and in order: a change that comes while another one is
 * told waits until all have heard that one. Subscribers hear in the order in which they came.
 */
export class Changes {
  readonly #subscribers = new Set<Subscriber>();
  readonly #onBroken: (error: unknown) => void;
  readonly #queue: Change[] = [];
  #telling = false;

  /** @param onBroken - told what a subscriber threw; the other subscribers still hear the change. */
  constructor(onBroken: (error: unknown) => void) {
    this.#onBroken = onBroken;
  }

  /** @returns what ends the subscription. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Tells a change that has taken effect. Never throws. */
  publish(change: Change): void {
    this.#queue.push(change);
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      for (const subscriber of this.#subscribers) this.#tell(subscriber, next);
    }
    this.#telling = false;
  }

  #tell(subscriber: Subscriber, change: Change): void {
    try {
      subscriber(change);
    } catch (error) {
      this.#onBroken(error);
    }
  }
}
