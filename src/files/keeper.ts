import { AgentError } from "../errors.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import { FILES_GRACE_MS } from "../limits.ts";
import type { Change } from "../refresh/changes.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { type Clock, instantBefore, type Timer } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import {
  dueOf,
  type FilesEvent,
  type FilesLife,
  isPlaced,
  nextLife,
  NOTHING_PLACED,
} from "./life.ts";
import type { SetRecord } from "./record.ts";
import type { SetDirectory } from "./set-directory.ts";

export interface KeeperOptions {
  readonly feed: Feed;
  readonly clock: Clock;
  readonly log: Log;
  readonly ttlMs: number;
}

/** Does in a directory what the life of the files asks for (docs/files.md has it as a table). */
export class Keeper {
  readonly #directory: SetDirectory;
  readonly #options: KeeperOptions;
  #life: FilesLife = NOTHING_PLACED;
  #isReady = false;
  #grace: Timer | undefined;
  readonly #waiting: (() => void)[] = [];
  /** Its message; the same one is told once. */
  #toldFailure: string | undefined;

  constructor(directory: SetDirectory, options: KeeperOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  get status(): FilesStatus {
    const { failure, placed } = this.#life;
    const isReady = this.#isReady;
    if (failure !== undefined) return { health: { state: "failed", code: failure.code }, isReady };
    return { health: { state: placed === undefined ? "none" : "written" }, isReady };
  }

  /** Resolves once readers find what is served; at once where nothing is. */
  async delivered(): Promise<void> {
    if (this.#isSettled) return;
    const done = Promise.withResolvers<undefined>();
    this.#waiting.push(() => done.resolve(undefined));
    await done.promise;
  }

  /** Keeps what an earlier agent left while it might still be served, and else removes it. */
  takeOver(): void {
    const left = this.#directory.takeOver();
    if (left === "nothing") return;
    const now = this.#options.clock.now();
    // A date in the future is no age.
    const isKnown = left !== "unknown" && left.refreshedAtMs <= now.wallMs;
    const timed = isKnown
      ? {
          revision: undefined,
          expiresAtMs: left.expiresAtMs,
          refreshedAt: instantBefore(now, now.wallMs - left.refreshedAtMs),
          acceptedAt: now,
        }
      : undefined;
    this.#enter({ kind: "found", left: timed });
    this.tick();
  }

  changed(change: Change): void {
    const { feed, clock } = this.#options;
    const now = clock.now();
    switch (change.kind) {
      case "serving": {
        const ageMs = Math.max(0, now.wallMs - (feed.status().lastRefreshAt ?? now.wallMs));
        const { revision, expiresAtMs } = change;
        const refreshedAt = instantBefore(now, ageMs);
        const serving = { revision, expiresAtMs, refreshedAt, acceptedAt: now };
        this.#enter({ kind: "serving", serving });
        return;
      }
      case "renewed":
        this.#enter({ kind: "renewed", at: now });
        if (isPlaced(this.#life)) this.#directory.renew(this.#record());
        return;
      case "ended":
        this.#enter({ kind: "ended", reason: change.reason });
    }
  }

  tick(): void {
    this.#enter({ kind: "tick", at: this.#options.clock.now() });
  }

  /** Removes the files, or leaves what readers find to a later agent. */
  stop(atEnd: "remove" | "leave"): void {
    this.#grace?.cancel();
    if (atEnd === "leave") this.#directory.removeOlder();
    else this.#enter({ kind: "stopped" });
    this.#letGo();
  }

  /** Whether there is nothing that readers should find and do not. */
  get #isSettled(): boolean {
    return this.#life.serving === undefined || isPlaced(this.#life);
  }

  #enter(event: FilesEvent): void {
    const { clock, ttlMs } = this.#options;
    this.#life = nextLife(this.#life, event, ttlMs);
    for (const due of dueOf(this.#life, clock.now())) {
      if (due === "write") this.#write();
      else this.#attempt(() => this.#remove());
    }
    if (this.#isSettled) this.#letGo();
  }

  #letGo(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #attempt(work: () => void): void {
    const { clock, log, ttlMs } = this.#options;
    try {
      work();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      const { code, message } = error;
      this.#life = nextLife(this.#life, { kind: "failed", code, at: clock.now() }, ttlMs);
      if (this.#toldFailure === message) return;
      this.#toldFailure = message;
      log.event({ name: "files.failed", code, error: message });
    }
  }

  #remove(): void {
    const { log, ttlMs } = this.#options;
    const { removal } = this.#life;
    this.#directory.remove();
    this.#toldFailure = undefined;
    this.#life = nextLife(this.#life, { kind: "removed" }, ttlMs);
    if (removal !== undefined) log.event({ name: "files.removed", reason: removal });
  }

  #write(): void {
    // In memory they are there at once. What throws otherwise than by its code ends the agent.
    void this.#options.feed.use((secrets) => {
      // What is served may have changed since this was due.
      if (secrets.revision === this.#life.serving?.revision) {
        this.#attempt(() => this.#writeSet(secrets));
      }
    });
  }

  #writeSet(secrets: Snapshot): void {
    const { clock, log, ttlMs } = this.#options;
    const files = this.#directory.write(secrets, this.#record());
    this.#isReady = true;
    this.#toldFailure = undefined;
    this.#life = nextLife(this.#life, { kind: "written" }, ttlMs);
    this.#grace?.cancel();
    this.#grace = clock.after(FILES_GRACE_MS, () => this.#directory.removeOlder());
    log.event({ name: "files.written", revision: secrets.revision, files });
    this.#letGo();
  }

  #record(): SetRecord {
    const refreshedAtMs = this.#options.feed.status().lastRefreshAt ?? 0;
    return { refreshedAtMs, expiresAtMs: this.#life.serving?.expiresAtMs };
  }
}
