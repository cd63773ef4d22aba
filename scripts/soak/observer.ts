const TTL_MS = 30_000;
/** Plaintext outlives its time by less than that (docs/agent.md). */
const OUTLIVES_MS = 1_000;
/** A marker that was sent is read, and what it revokes is gone. */
const REVOKES_MS = 2_000;
/** After the last trouble the agent must serve again: a poll, a back-off and a start. */
const RECOVERS_MS = 20_000;

const REASONS = [
  "Secrets not yet loaded",
  "Secrets expired",
  "Artifact revoked",
  "Refresh failed",
  // To those who wait for a change.
  "The agent is stopping",
];

export interface Seen {
  readonly path: string;
  readonly status: number;
  readonly body: string;
  /** By `performance.now()`. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

/**
 * Holds every answer to the rules. It knows what the origin has and when it said so, and nothing of the
 * agent but its answers.
 */
export class Observer {
  readonly violations: string[] = [];
  readonly statuses = new Map<number, number>();
  /** The slowest revocation: milliseconds from the marker to the last request that still got what it revokes. */
  slowestRevocationMs = 0;
  /** When the origin last said that a set is, or still is, what it holds. */
  readonly #vouchedMs = new Map<number, number>();
  /** Sets that answers had, each newer than the one before, and when the first answer with it was complete. */
  readonly #newest: { readonly set: number; readonly atMs: number }[] = [];
  /** What was found in the last answer to each path: most are the same as the one before. */
  readonly #lastRead = new Map<
    string,
    { readonly body: string; readonly set: number | undefined }
  >();
  #revoked: { readonly upTo: number; readonly atMs: number } | undefined;
  #lastTroubleMs = performance.now();

  vouched(set: number): void {
    this.#vouchedMs.set(set, performance.now());
  }

  markerSent(): void {
    const upTo = Math.max(0, ...this.#vouchedMs.keys());
    if (this.#revoked?.upTo !== upTo) this.#revoked = { upTo, atMs: performance.now() };
  }

  /** Something is being done to the agent or its origin. */
  trouble(): void {
    this.#lastTroubleMs = performance.now();
  }

  /** The agent was killed when its disk had not taken what it served. */
  memoryLost(): void {
    this.#newest.length = 0;
  }

  look(seen: Seen): void {
    this.statuses.set(seen.status, (this.statuses.get(seen.status) ?? 0) + 1);
    const wrong = this.#wrong(seen);
    if (wrong !== undefined && this.violations.length < 100) {
      this.violations.push(`${seen.path} ${seen.status}: ${wrong}: ${seen.body.slice(0, 120)}`);
    }
  }

  #wrong({ path, status, body, sentMs, receivedMs }: Seen): string | undefined {
    if (status === 304) return undefined;
    if (status === 503) {
      if (!REASONS.some((reason) => body === JSON.stringify({ error: reason })))
        return "not a known reason";
      const calm = sentMs - this.#lastTroubleMs > RECOVERS_MS;
      return calm ? "nothing is served, though nothing is wrong" : undefined;
    }
    if (status === 429) return undefined;
    if (status !== 200) return "not a status that was asked for";
    if (path === "/v1/keys") return body.startsWith('["KEY_0",') ? undefined : "other names";
    const set = this.#setIn(path, body);
    if (set === undefined || !this.#vouchedMs.has(set)) return "not one set that the origin had";
    return this.#wrongSet(set, sentMs, receivedMs);
  }

  /** The one set that all values of an answer are of; undefined if they are not. */
  #setIn(path: string, body: string): number | undefined {
    const last = this.#lastRead.get(path);
    if (last?.body === body) return last.set;
    const sets = new Set(Array.from(body.matchAll(/ of ([^"]*)"/g), ([, set]) => set));
    const set = sets.size === 1 ? Number([...sets][0]) : undefined;
    this.#lastRead.set(path, { body, set });
    return set;
  }

  #wrongSet(set: number, sentMs: number, receivedMs: number): string | undefined {
    const ageMs = sentMs - (this.#vouchedMs.get(set) ?? 0);
    if (ageMs > TTL_MS + OUTLIVES_MS)
      return `${Math.round(ageMs)} ms after the origin vouched for it`;
    const before = this.#newest.findLast(({ atMs }) => atMs < sentMs);
    if (before !== undefined && set < before.set)
      return `older than ${before.set}, which was served`;
    if (this.#revoked !== undefined && set <= this.#revoked.upTo) {
      const sinceMs = sentMs - this.#revoked.atMs;
      this.slowestRevocationMs = Math.max(this.slowestRevocationMs, sinceMs);
      if (sinceMs > REVOKES_MS) return `${Math.round(sinceMs)} ms after it was revoked`;
    }
    if (set > (this.#newest.at(-1)?.set ?? -1)) this.#newest.push({ set, atMs: receivedMs });
    if (this.#newest.length > 1_000) this.#newest.splice(0, 500);
    return undefined;
  }
}
