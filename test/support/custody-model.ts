import type { Instant } from "../../src/system/clock.ts";
import type { Good, Held } from "./hostile-origin.ts";

interface Serving {
  readonly good: Good;
  readonly refreshedAt: Instant;
  readonly acceptedAt: Instant;
}

/** The larger of what the two clocks say. */
function ageMs(from: Instant, to: Instant): number {
  return Math.max(to.wallMs - from.wallMs, to.monoMs - from.monoMs);
}

/**
 * The rules of the contract, section 4, with a verify key set, in as few words as possible. What it
 * says is served is all that may be served.
 */
export class CustodyModel {
  readonly #ttlMs: number;
  #serving: Serving | undefined;
  #newest: Good | undefined;
  /** When the newest was first accepted; a clock set back since then does not make it earlier. */
  #newestSince: Instant | undefined;
  readonly #revoked = new Set<string>();

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** The source was asked, and holds this; undefined when it did not answer. */
  look(held: Held | undefined, now: Instant): void {
    this.serving(now);
    if (held?.revokes !== undefined) {
      const { revision } = held.revokes;
      if (revision !== undefined) this.#revoked.add(revision);
      if (this.#newest !== undefined) this.#revoked.add(this.#newest.revision);
      this.#serving = undefined;
      return;
    }
    const good = held?.good;
    if (good === undefined || !this.#mayBeServed(good, now)) return;
    if (this.#newest?.revision !== good.revision) this.#newestSince = now;
    this.#newest = good;
    this.#serving = { good, refreshedAt: now, acceptedAt: this.#newestSince ?? now };
  }

  /** The revision that may be served now. */
  serving(now: Instant): string | undefined {
    if (this.#serving === undefined) return undefined;
    const { good, refreshedAt, acceptedAt } = this.#serving;
    const steadyMs = acceptedAt.wallMs + ageMs(acceptedAt, now);
    const expired = good.expiresAtMs !== undefined && steadyMs >= good.expiresAtMs;
    if (expired || ageMs(refreshedAt, now) >= this.#ttlMs) this.#serving = undefined;
    return this.#serving?.good.revision;
  }

  #mayBeServed(good: Good, now: Instant): boolean {
    const since = this.#newestSince ?? now;
    const steadyMs = since.wallMs + ageMs(since, now);
    if (good.expiresAtMs !== undefined && steadyMs >= good.expiresAtMs) return false;
    if (this.#revoked.has(good.revision)) return false;
    if (this.#newest === undefined) return true;
    if (good.packedAtMs < this.#newest.packedAtMs) return false;
    return good.revision !== this.#newest.revision || good.meaning === this.#newest.meaning;
  }
}
