import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { AgentError } from "../../../src/errors.ts";
import { NO_READER, Snapshot } from "../../../src/store/snapshot.ts";
import type { Answer } from "./answers.ts";
import { type Life, beginLife, type ModeName, TTL_MS } from "./life.ts";
import { Rules } from "./rules.ts";
import { SteppingClock } from "./stepping-clock.ts";

export const START_MS: number = Date.UTC(2026, 5, 1);

/** What may happen next, by name. */
export interface Event {
  readonly name: string;
  readonly isEnabled: (world: World) => boolean;
  readonly happen: (world: World) => Promise<void> | void;
}

/** How often what is rare may happen in one path. */
const MOST_KILLS = 2;
const MOST_DISK_FAILURES = 1;

/** The agent, what is around it, and beside it the rules that it is held to. */
export class World {
  readonly #mode: ModeName;
  readonly #directory: string;
  readonly #rules = new Rules(TTL_MS);
  #clock = new SteppingClock({ wallMs: START_MS, monoMs: 1_000 });
  #life: Life;
  #hasWritten = false;
  #kills = 0;
  #diskFailures = 0;
  #setBack = false;
  #reading = false;
  /** A rule that was broken while nobody checked. */
  #wrong: string | undefined;
  #sleptAtMs: number | undefined;
  /** Whether the wall clock jumped and nobody has looked at the secrets since. */
  #unseen = false;
  /** What the agent remembers having refused, for longer than any path lasts. */
  #lastRefused: string | undefined;

  /** @param directory - which does not exist yet, and is this world's alone. */
  constructor(mode: ModeName, directory: string) {
    this.#mode = mode;
    this.#directory = directory;
    this.#life = this.#begin();
  }

  async start(): Promise<void> {
    this.#rules.restarted(this.#clock.now());
    await this.#life.refresher.start();
    await this.#settle();
  }

  end(): void {
    if (this.#hasWritten) rmSync(this.#directory, { recursive: true, force: true });
  }

  get isAsked(): boolean {
    return this.#isUnderWay && this.#life.source.isAsked;
  }

  async answer(answer: Answer): Promise<void> {
    const now = this.#clock.now();
    this.#rules.answered(answer, now);
    if (answer.kind === "refused") this.#lastRefused = answer.name;
    if (answer.kind === "failure") {
      this.#life.source.answer(new AgentError("source_server_error", "it failed"));
    } else if (answer.kind === "unchanged") {
      this.#life.source.answer({ kind: "unchanged" });
    } else {
      const text = answer.kind === "good" ? answer.good.text : answer.text;
      this.#life.source.answer({ kind: "bytes", bytes: Buffer.from(text), etag: answer.name });
    }
    await this.#settle();
  }

  get isWriting(): boolean {
    return this.#life.cache.writes.length > 0;
  }

  get mayFailToWrite(): boolean {
    return this.isWriting && this.#diskFailures < MOST_DISK_FAILURES;
  }

  async finishWrite(happens: boolean): Promise<void> {
    if (!happens) this.#diskFailures++;
    this.#rules.wrote(happens);
    await this.#life.cache.finish(happens);
    await this.#settle();
  }

  get mayBeKilled(): boolean {
    return this.#kills < MOST_KILLS;
  }

  /** kill -9, and another process on the same disk. */
  async kill(): Promise<void> {
    this.#kills++;
    this.#reading = false;
    this.#sleptAtMs = undefined;
    this.#lastRefused = undefined;
    this.#clock = new SteppingClock(this.#clock.now());
    this.#life = this.#begin();
    await this.start();
  }

  get mayLook(): boolean {
    return !this.#isUnderWay;
  }

  /** SIGHUP, or a watch. */
  async look(): Promise<void> {
    this.#life.refresher.refreshSoon();
    await this.#settle();
  }

  async pass(ms: number): Promise<void> {
    await this.#clock.pass(ms, async () => {
      if (this.#isUnderWay) await this.#rest();
    });
    await this.#settle();
  }

  sleep(ms: number): void {
    this.#unseen = true;
    this.#clock.jumpWall(ms);
    this.#sleptAtMs = this.#clock.now().monoMs;
  }

  get mayBeSetBack(): boolean {
    return !this.#setBack;
  }

  setBack(ms: number): void {
    this.#setBack = true;
    this.#unseen = true;
    this.#clock.jumpWall(-ms);
  }

  get mayRead(): boolean {
    return !this.#reading;
  }

  /** A client asks, and is answered at once or when an attempt for it is over. */
  async read(): Promise<void> {
    this.#reading = true;
    const life = this.#life;
    void Promise.resolve(life.feed.open()).then((opened) => {
      if (life !== this.#life) return;
      this.#reading = false;
      const may = this.#rules.serving(this.#clock.now());
      const found = opened instanceof Snapshot ? opened.revision : undefined;
      if (found !== may?.revision) this.#wrong ??= `a reader got ${found}`;
      if (opened instanceof Snapshot) opened.release(NO_READER);
    });
    await this.#settle();
  }

  /** Holds what is served to the rules. @throws AssertionError where they differ. */
  async check(): Promise<void> {
    const { custody, feed, store } = this.#life;
    assert.ok(this.#wrong === undefined, this.#wrong ?? "");
    const must = this.#rules.serving(this.#clock.now());
    const told = custody.status().revision ?? undefined;
    assert.ok(told === must?.revision, `${told} is served, ${must?.name} should be`);
    const held = custody.attemptInput().held?.artifact.bytes;
    assert.ok((held && Buffer.from(held).toString()) === must?.text, "other bytes are held");
    const used = await feed.use((snapshot) => snapshot.nested.toString());
    const secret = used.kind === "used" ? used.value : undefined;
    const name = must?.name.split(" ")[0];
    assert.ok(secret === (name && JSON.stringify({ KEY: name })), "other plaintext is served");
    if (must === undefined) assert.ok((await store.open()) === "empty", "plaintext is left");
    this.#rules.checkDisk();
  }

  /** Equal for states in which the same events have the same effects. */
  fingerprint(): string {
    const { custody, source, cache } = this.#life;
    const now = this.#clock.now();
    const { memory, held, nowMs } = custody.attemptInput();
    const { lastRefreshAt, ...status } = custody.status();
    const state = [
      now.wallMs - START_MS,
      status,
      lastRefreshAt && lastRefreshAt - now.wallMs,
      held?.etag,
      [memory.newest?.digest, memory.last?.digest, memory.revoked],
      nowMs() - now.wallMs,
      custody.hasServed,
      this.#clock.dues(),
      source.waiting(),
      cache.writes,
      cache.holdsArtifact,
      this.#isUnderWay,
      this.#rules.fingerprint(now),
      [this.#kills, this.#diskFailures, this.#setBack, this.#reading, this.#unseen],
      this.#sleptAtMs === undefined ? null : Math.min(now.monoMs - this.#sleptAtMs, SLEEP_FADES_MS),
      this.#lastRefused,
    ];
    return createHash("sha256").update(JSON.stringify(state)).digest("base64");
  }

  get #isUnderWay(): boolean {
    return this.#life.refresher.underWayMs !== undefined;
  }

  #begin(): Life {
    return beginLife(this.#mode, this.#clock, this.#directory, {
      writes: (write) => {
        this.#hasWritten = true;
        this.#wrong ??= this.#rules.writes(write);
      },
      broke: (error) => {
        this.#wrong ??= `the loop broke: ${String(error)}`;
      },
    });
  }

  /** Until all has come to rest; then somebody looks at the secrets, as a timer does twice a second. */
  async #settle(): Promise<void> {
    await this.#rest();
    this.#life.custody.freshness();
    this.#rules.serving(this.#clock.now());
    this.#unseen = false;
  }

  /** Until the agent waits for an event: for the origin, for its disk, or for time to pass. */
  async #rest(): Promise<void> {
    const { source, cache } = this.#life;
    for (let quiet = 0; quiet < (this.isWriting ? TURNS_OF_AN_ATTEMPT : 2); quiet++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#isUnderWay && !source.isAsked && cache.writes.length === 0) quiet = 0;
    }
  }
}

/** An attempt takes less turns of the event loop than this from an answer to its first write. */
const TURNS_OF_AN_ATTEMPT = 10;
/** A wake is of no interest to the agent after that. */
const SLEEP_FADES_MS = 10_001;
