import { TICK_MS } from "../limits.ts";
import type { Source } from "../source/source.ts";
import { type Clock, elapsedMs, type Instant, type Timer } from "../system/clock.ts";
import { attempt, type Outcome, wentUnanswered } from "./attempt.ts";
import type { Custody } from "./custody.ts";
import { RefusalMemory } from "./refusal-memory.ts";
import { demandSpacingMs, nextDelayMs } from "./schedule.ts";
import { StartUpPace } from "./start-up-pace.ts";
import { WakeWatch } from "./wake.ts";

export interface RefresherOptions {
  readonly source: Source;
  readonly custody: Custody;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** As the schedule counts it: 0 in just-in-time mode. */
  readonly ttlMs: number;
  /** How long the first artifact is tried for, in milliseconds; 0 is for ever. */
  readonly startUpMs: number;
  /** Told when the loop itself breaks, which must end the process. */
  readonly onBroken: (error: unknown) => void;
}

/** A time to let pass, on whichever clock is ahead: timers do not run in a frozen process. */
type Wait = { readonly from: Instant; readonly ms: number };

/**
 * The loop that keeps the secrets fresh: polls by the schedule, at once when the source or a signal
 * says so, and on demand of a request that finds the secrets gone. However many ask, one attempt is
 * under way at a time.
 */
export class Refresher {
  readonly #options: RefresherOptions;
  readonly #stopped = new AbortController();
  readonly #wake: WakeWatch;
  readonly #startUp: StartUpPace;
  readonly #refusals: RefusalMemory;
  readonly #listeners: ((outcome: Outcome) => void)[] = [];
  #underWay: Promise<void> | undefined;
  #again = false;
  #poll: Timer | undefined;
  #tick: Timer | undefined;
  #lastSucceeded = false;
  /** Whether all that can come of the disk cache has come of it. */
  #restored = false;
  /** Until the next poll. */
  #pollWait: Wait | undefined;
  /** While requests of clients cause no further fetch. */
  #demandWait: Wait | undefined;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#wake = new WakeWatch(options.clock);
    this.#startUp = new StartUpPace(options);
    this.#refusals = new RefusalMemory(options.clock);
  }

  /** From now on `listener` is told how each attempt ended, after that took effect. */
  onAttempt(listener: (outcome: Outcome) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Starts the loop with a first attempt, which begins with the disk cache. It is not waited for, as a
   * KMS may hang in it, and a signal to stop must be heard meanwhile.
   */
  async start(): Promise<void> {
    const { source } = this.#options;
    await source.watch?.(() => this.#soon(), this.#stopped.signal);
    this.#ticking();
    void this.refresh();
  }

  /**
   * Refreshes now, whatever the schedule says. Callers during an attempt share it.
   *
   * @returns when the attempt is over, however it went.
   */
  refresh(): Promise<void> {
    if (this.#stopped.signal.aborted) return this.#underWay ?? Promise.resolve();
    this.#underWay ??= this.#run().finally(() => {
      this.#underWay = undefined;
      if (this.#again) {
        this.#again = false;
        this.#soon();
      }
    });
    return this.#underWay;
  }

  /**
   * Refreshes for a client whose secrets are gone, unless the origin was asked just now or asked us
   * to wait.
   *
   * @returns whether an attempt was made.
   */
  async demand(): Promise<boolean> {
    if (this.#underWay === undefined && !this.#isOver(this.#demandWait)) return false;
    await this.refresh();
    return true;
  }

  /**
   * Refreshes if the next poll is due, whether or not its timer ran; shares an attempt under way.
   *
   * @returns when no attempt is under way any more.
   */
  async refreshIfDue(): Promise<void> {
    if (this.#underWay !== undefined || this.#isOver(this.#pollWait)) await this.refresh();
  }

  /** Refreshes now, unless the last attempt failed and the wait after it is not over. */
  async refreshIfWelcome(): Promise<void> {
    await (this.#lastSucceeded ? this.refresh() : this.refreshIfDue());
  }

  /** Refreshes at once, or once more after an attempt that is under way and may have read too early. */
  refreshSoon(): void {
    this.#soon();
  }

  /** Milliseconds since the attempt that is under way began; undefined if none is. */
  get underWayMs(): number | undefined {
    return this.#underWay === undefined ? undefined : this.#startUp.sinceAttemptMs;
  }

  /** Stops the loop, and waits for an attempt that is under way to notice. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#poll?.cancel();
    this.#tick?.cancel();
    await this.#underWay;
  }

  #soon(): void {
    if (this.#stopped.signal.aborted) return;
    if (this.#underWay === undefined) void this.refresh();
    else this.#again = true;
  }

  async #run(): Promise<void> {
    const { custody, onBroken } = this.#options;
    try {
      this.#poll?.cancel();
      if (!this.#restored) this.#restored = await custody.restore();
      this.#wake.look();
      let outcome = await this.#attempt();
      if (wentUnanswered(outcome) && this.#wake.takeWake()) outcome = await this.#attempt();
      if (this.#stopped.signal.aborted) {
        if (outcome.kind === "staged") outcome.staged.discard();
        return;
      }
      await custody.settle(outcome);
      for (const listener of this.#listeners) listener(outcome);
      this.#schedule();
    } catch (error) {
      onBroken(error);
    }
  }

  #attempt(): Promise<Outcome> {
    const { source, custody } = this.#options;
    this.#startUp.attemptBegins();
    const asked = custody.hasServed ? source : this.#startUp.source;
    return attempt(asked, custody.attemptInput(), this.#refusals, this.#stopped.signal);
  }

  #schedule(): void {
    const { custody, clock, random, ttlMs } = this.#options;
    const succeeded = custody.failures === 0;
    const from = clock.now();
    const input = {
      ttlMs,
      untilExpiryMs: custody.untilExpiryMs(),
      failures: custody.failures,
      retryAfterMs: custody.lastFailure?.retryAfterMs,
      firstSuccess: succeeded && !this.#lastSucceeded,
      startUp: custody.hasServed ? undefined : this.#startUp.times(),
    };
    this.#lastSucceeded = succeeded;
    this.#demandWait = { from, ms: demandSpacingMs(input) };
    const ms = nextDelayMs(input, random());
    this.#pollWait = { from, ms };
    if (this.#stopped.signal.aborted) return;
    this.#poll = clock.after(ms, () => void this.refresh());
  }

  #isOver(wait: Wait | undefined): boolean {
    return wait === undefined || elapsedMs(wait.from, this.#options.clock.now()) >= wait.ms;
  }

  /** Looks at the clock often enough that no plaintext outlives its time by a second. */
  #ticking(): void {
    if (this.#stopped.signal.aborted) return;
    this.#wake.look();
    this.#options.custody.freshness();
    this.#tick = this.#options.clock.after(TICK_MS, () => this.#ticking());
  }
}
