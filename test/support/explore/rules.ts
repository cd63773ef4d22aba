import assert from "node:assert/strict";
import type { Instant } from "../../../src/system/clock.ts";
import type { Answer, Good } from "./answers.ts";
import type { Write } from "./gates.ts";

interface Serving {
  readonly good: Good;
  readonly refreshedAt: Instant;
  readonly acceptedAt: Instant;
}

/** What no restart may forget, as far as a write that happened holds it. */
interface Known {
  readonly newest: Good | undefined;
  readonly revoked: ReadonlySet<string>;
}

interface Disk extends Known {
  readonly good: Good | undefined;
  readonly refreshedAtMs: number;
}

/** The larger of what the two clocks say. */
function ageMs(from: Instant, to: Instant): number {
  return Math.max(to.wallMs - from.wallMs, to.monoMs - from.monoMs);
}

/**
 * Sections 4 and 5 of the contract with a verify key and a disk cache set, in as few words as possible,
 * and over restarts. What it says is served is what must be served, and all that may be.
 */
export class Rules {
  readonly #ttlMs: number;
  #known: Known = { newest: undefined, revoked: new Set() };
  #serving: Serving | undefined;
  /** Accepted, and served once it is on disk. */
  #accepted: { readonly good: Good; readonly at: Instant } | undefined;
  /** When the revision that was served last was first accepted by this process. */
  #since: { readonly revision: string; readonly at: Instant } | undefined;
  #disk: Disk | undefined;
  /** What each write under way would leave. */
  readonly #writes: Disk[] = [];
  #isRevoked = false;
  /** Whether a write ever failed, after which the disk may hold what it should not. */
  #diskFailed = false;

  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  /** The revision that may be served now, and must be. */
  serving(now: Instant): Good | undefined {
    if (this.#serving === undefined) return undefined;
    const { good, refreshedAt, acceptedAt } = this.#serving;
    const isExpired = expired(good, acceptedAt.wallMs + ageMs(acceptedAt, now));
    if (isExpired || ageMs(refreshedAt, now) >= this.#ttlMs) this.#serving = undefined;
    return this.#serving?.good;
  }

  /** The origin answered. What follows on disk is an event of its own. */
  answered(answer: Answer, now: Instant): void {
    this.serving(now);
    switch (answer.kind) {
      case "good":
        if (this.#serving?.good === answer.good) this.#renew(now);
        else if (this.#mayFollow(answer.good, now)) this.#accept(answer.good, now);
        return;
      case "unchanged":
        this.#renew(now);
        return;
      case "marker": {
        const { newest, revoked } = this.#known;
        const named = newest === undefined ? [] : [newest.revision];
        this.#known = { newest, revoked: new Set([...revoked, ...named]) };
        this.#serving = undefined;
        this.#isRevoked = true;
        break;
      }
      case "refused":
      case "failure":
    }
  }

  /**
   * The agent began to write. What it may write is what the rules know at this moment.
   *
   * @returns what is wrong about it.
   */
  writes(write: Write): string | undefined {
    const refreshedAtMs = write.kind === "keep" ? write.refreshedAtMs : 0;
    const good = write.kind === "keep" ? (this.#accepted ?? this.#serving)?.good : undefined;
    this.#writes.push({ good, refreshedAtMs, ...this.#known });
    const isRight = write.kind === "purge" || write.text === good?.text;
    return isRight ? undefined : "what is written to disk was not to be accepted";
  }

  /** The first write ended; with a disk that failed, it left what was there. */
  wrote(happened: boolean): void {
    const write = this.#writes.shift();
    if (happened) this.#disk = write;
    else this.#diskFailed = true;
    if (write?.good === undefined || write.good !== this.#accepted?.good) return;
    const { good, at } = this.#accepted;
    this.#accepted = undefined;
    if (this.#since?.revision !== good.revision) this.#since = { revision: good.revision, at };
    this.#serving = { good, refreshedAt: at, acceptedAt: this.#since.at };
  }

  /** To be asked when all has come to rest: what was revoked must not be left on a disk that works. */
  checkDisk(): void {
    const left = this.#disk?.good;
    const mayLie = !this.#isRevoked || this.#writes.length > 0 || this.#diskFailed;
    assert.ok(mayLie || left === undefined, `${left?.name} is left on disk, though revoked`);
  }

  /** The process was killed; what it knew and did not write is lost. Another one begins. */
  restarted(now: Instant): void {
    this.#writes.length = 0;
    this.#accepted = undefined;
    this.#serving = undefined;
    this.#since = undefined;
    this.#isRevoked = false;
    const { newest, revoked, good, refreshedAtMs = 0 } = this.#disk ?? {};
    this.#known = { newest, revoked: revoked ?? new Set() };
    const sinceMs = now.wallMs - refreshedAtMs;
    if (good === undefined || sinceMs < 0 || sinceMs >= this.#ttlMs) return;
    if (!this.#mayFollow(good, now)) return;
    const at = { wallMs: refreshedAtMs, monoMs: now.monoMs - sinceMs };
    this.#since = { revision: good.revision, at };
    this.#serving = { good, refreshedAt: at, acceptedAt: at };
  }

  /** All that matters of it, relative to now. */
  fingerprint(now: Instant): unknown {
    const known = ({ newest, revoked }: Known): unknown => [newest?.name, [...revoked].toSorted()];
    const relative = (at: Instant): unknown => [at.wallMs - now.wallMs, at.monoMs - now.monoMs];
    const disk = (at: Disk | undefined): unknown =>
      at && [at.good?.name, at.good && at.refreshedAtMs - now.wallMs, known(at)];
    return [
      known(this.#known),
      this.#serving && [this.#serving.good.name, relative(this.#serving.refreshedAt)],
      this.#accepted && [this.#accepted.good.name, relative(this.#accepted.at)],
      this.#since && [this.#since.revision, relative(this.#since.at)],
      disk(this.#disk),
      this.#writes.map(disk),
      this.#isRevoked,
      this.#diskFailed,
    ];
  }

  #accept(good: Good, at: Instant): void {
    this.#known = { ...this.#known, newest: good };
    this.#accepted = { good, at };
    this.#isRevoked = false;
  }

  #renew(now: Instant): void {
    if (this.#serving !== undefined) this.#serving = { ...this.#serving, refreshedAt: now };
  }

  #mayFollow(good: Good, now: Instant): boolean {
    const { newest, revoked } = this.#known;
    const since = this.#since?.at ?? now;
    if (expired(good, since.wallMs + ageMs(since, now)) || revoked.has(good.revision)) return false;
    if (newest === undefined) return true;
    if (good.packedAtMs < newest.packedAtMs) return false;
    return good.revision !== newest.revision || good === newest;
  }
}

function expired({ expiresAtMs }: Good, wallMs: number): boolean {
  return expiresAtMs !== undefined && wallMs >= expiresAtMs;
}
