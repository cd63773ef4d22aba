import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type RunningAgent, startAgent } from "../../src/agent.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import type { VerifyKey } from "../../src/keys/verify-keys.ts";
import { httpSource } from "../../src/source/http.ts";
import type { Source } from "../../src/source/source.ts";
import type { StopReason } from "../../src/telemetry/events.ts";
import { type Answer, httpRequest, TOKEN } from "./agent-process.ts";
import { AGE_IDENTITY, VERIFY_KEY } from "./artifacts.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { Origin } from "./origin.ts";
import { type RecordingLog, recordingLog } from "./recording-log.ts";
import { eventually } from "./temporary.ts";
import { DIRECT } from "./network.ts";

export interface InProcessOptions {
  readonly origin: Origin;
  readonly clock: FakeClock;
  /** A directory, for a disk cache. */
  readonly cachePath?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the test's key. */
  readonly verifyKeys?: readonly VerifyKey[];
}

/** What `/v1/health` says. */
export interface Health {
  readonly state: string;
  readonly revision: string | null;
  readonly lastRefreshAt: number | null;
  readonly ageSeconds: number | null;
  readonly dataFrom: string | null;
  readonly consecutiveFailures: number;
  readonly lastFailure: string | null;
  readonly expired: boolean;
}

/** Time limit of one fetch in real milliseconds, where the origin is expected to answer. */
const PATIENT_MS = 5_000;

/**
 * The whole agent as `startAgent` composes it, in this process: real sockets to its clients and to
 * the origin, and a clock that moves only when told to.
 */
export class InProcessAgent {
  readonly #options: InProcessOptions;
  #agent: RunningAgent | undefined;
  #log: RecordingLog = recordingLog();
  /** Fetches that began, and attempts that ended in a schedule for the next one. */
  #begun = 0;
  #scheduled = 0;
  #random = 0;
  /** Time limit of one fetch in real milliseconds. */
  deadlineMs: number = PATIENT_MS;

  constructor(options: InProcessOptions) {
    this.#options = options;
  }

  static async start(
    context: Pick<TestContext, "after">,
    options: InProcessOptions,
  ): Promise<InProcessAgent> {
    const agent = new InProcessAgent(options);
    await agent.start();
    context.after(() => agent.stop());
    return agent;
  }

  get log(): RecordingLog {
    return this.#log;
  }

  /** Starts it; its first attempt is over when this returns. */
  async start(): Promise<void> {
    await this.startWithoutWaiting();
    await this.idle();
  }

  /** Starts it; it listens when this returns, its first attempt is not over. */
  async startWithoutWaiting(): Promise<void> {
    const { origin, clock, cachePath, env, verifyKeys } = this.#options;
    const configured = await parseConfig(
      {
        CLEF_AGENT_SOURCE: origin.url,
        CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
        CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
        CLEF_AGENT_IDENTITY: "api-gateway",
        CLEF_AGENT_ENVIRONMENT: "production",
        CLEF_AGENT_CACHE_TTL: "30",
        CLEF_AGENT_CACHE_PATH: cachePath,
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
        CLEF_AGENT_TOKEN: TOKEN,
        CLEF_AGENT_PORT: "0",
        ...env,
      },
      () => assert.fail("no file is named"),
    );
    const config = verifyKeys === undefined ? configured : { ...configured, verifyKeys };
    this.#log = recordingLog();
    this.#begun = 0;
    this.#scheduled = 0;
    this.#agent = await startAgent(config, {
      clock,
      random: () => this.#nextRandom(),
      log: this.#log.log,
      source: this.#watched(new URL(origin.url)),
    });
  }

  async stop(reason: StopReason = "signal"): Promise<void> {
    await this.#agent?.stop(reason);
    this.#agent = undefined;
  }

  refresh(): void {
    this.running.refresh();
  }

  /** Resolves once it serves something, from its disk cache or from the origin. */
  get loaded(): Promise<"loaded"> {
    return this.running.loaded;
  }

  /** Resolves when the agent gives up. */
  get failed(): Promise<Error> {
    return this.running.failed;
  }

  /** How often the origin was asked since the start, whether it was there or not. */
  get fetches(): number {
    return this.#begun;
  }

  get port(): number {
    const { port } = this.running;
    assert.ok(port !== undefined);
    return port;
  }

  async get(path: string): Promise<Answer> {
    return httpRequest(this.port, path, { authorization: `Bearer ${TOKEN}` });
  }

  async health(): Promise<Health> {
    return JSON.parse((await this.get("/v1/health")).body) as Health;
  }

  /** Waits until no attempt is under way. */
  async idle(): Promise<void> {
    await eventually("the attempt is over", () => this.isIdle);
  }

  get isIdle(): boolean {
    return this.#begun > 0 && this.#begun === this.#scheduled;
  }

  /** What `startAgent` made. */
  get running(): RunningAgent {
    assert.ok(this.#agent, "the agent is running");
    return this.#agent;
  }

  /** Asked for once at the end of every attempt; the same numbers every time, all over the range. */
  #nextRandom(): number {
    this.#scheduled++;
    this.#random = (this.#random + 0.618034) % 1;
    return this.#random;
  }

  #watched(url: URL): Source {
    const { type, description, cacheKey } = httpSource(url, { network: DIRECT });
    return {
      type,
      description,
      cacheKey,
      fetch: (request) => {
        this.#begun++;
        return httpSource(url, { network: DIRECT, deadlineMs: this.deadlineMs }).fetch(request);
      },
    };
  }
}

/** Lets time pass for agents on one clock, in steps in which every fetch that falls due is finished. */
export async function pass(
  clock: FakeClock,
  ms: number,
  ...agents: readonly InProcessAgent[]
): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    await clock.advance(Math.min(left, STEP_MS));
    for (const agent of agents) if (!agent.isIdle) await agent.idle();
  }
}

const STEP_MS = 250;
