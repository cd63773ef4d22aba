/**
 * A fleet of agents on the real schedule (src/refresh/schedule.ts) and a virtual clock. What is not
 * schedule is as simple as it can be: an origin that answers after a moment, and clients.
 */
import { demandSpacingMs, nextDelayMs, type ScheduleInput } from "../../src/refresh/schedule.ts";
import { DueHeap } from "./heap.ts";

const AGENTS = 10_000;
const TTL_MS = 300_000;
const START_UP_MS = 60_000;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  /** What the origin sends along with its 503. */
  readonly retryAfterMs: number | undefined;
}

export interface Scenario {
  /** All agents start within this time, by chance. */
  readonly startWindowMs: number;
  readonly lengthMs: number;
  readonly outage?: Outage;
  /** Whether every agent has clients that ask for secrets all the time, also when they are gone. */
  readonly clientsAsk: boolean;
  /** The artifact changes this often. */
  readonly rotationMs: number;
}

/** Requests at the origin in each second, by its answer. */
export interface Course {
  /** The artifact. */
  readonly full: Uint32Array;
  /** That nothing changed. */
  readonly unchanged: Uint32Array;
  readonly failed: Uint32Array;
}

/** Clients of one agent ask so often, on average. */
const CLIENT_PERIOD_MS = SECOND;

/** The origin answers within these times, by chance. */
const LATENCY_MS = [20, 200] as const;

interface Agent {
  readonly startedAt: number;
  failures: number;
  /** When it last got or was confirmed its artifact; undefined before the first time. */
  refreshedAt: number | undefined;
  /** Number of the artifact that it has. */
  has: number;
}

/** Lets the fleet live through a scenario; the same seed gives the same course. */
export function simulate(scenario: Scenario, seed = 1): Course {
  const random = mulberry32(seed);
  const counts = (): Uint32Array => new Uint32Array(scenario.lengthMs / SECOND);
  const course: Course = { full: counts(), unchanged: counts(), failed: counts() };
  const due = Float64Array.from({ length: AGENTS }, () => random() * scenario.startWindowMs);
  const agents = Array.from(due, (startedAt): Agent => {
    return { startedAt, failures: 0, refreshedAt: undefined, has: -1 };
  });
  const heap = new DueHeap(due);
  for (;;) {
    const { item, at } = heap.first();
    if (at >= scenario.lengthMs) return course;
    const agent = agents[item];
    if (agent === undefined) throw new Error(`there is no agent ${item}`);
    const [least, most] = LATENCY_MS;
    const answeredAt = at + least + random() * (most - least);
    heap.postponeFirst(
      nextRequestAt(agent, answeredAt, ask(agent, at, answeredAt, scenario, course)),
    );
  }

  /** Lets the answer of the origin sink in, and says when the agent asks next. */
  function nextRequestAt(agent: Agent, now: number, input: ScheduleInput): number {
    const pollAt = now + nextDelayMs(input, random());
    if (!scenario.clientsAsk || agent.refreshedAt === undefined) return pollAt;
    const goneAt = agent.refreshedAt + TTL_MS;
    const allowedAt = Math.max(goneAt, now + demandSpacingMs(input));
    return Math.min(pollAt, allowedAt - Math.log(1 - random()) * CLIENT_PERIOD_MS);
  }
}

/** One request at the origin. @returns what the schedule is told of it. */
function ask(
  agent: Agent,
  at: number,
  answeredAt: number,
  { outage, rotationMs }: Scenario,
  course: Course,
): ScheduleInput {
  const count = (answers: Uint32Array): void => {
    const second = Math.trunc(at / SECOND);
    answers[second] = (answers[second] ?? 0) + 1;
  };
  const calm = { ttlMs: TTL_MS, untilExpiryMs: Number.POSITIVE_INFINITY };
  if (outage !== undefined && at >= outage.fromMs && at < outage.toMs) {
    count(course.failed);
    agent.failures++;
    const { retryAfterMs } = outage;
    const startUp =
      agent.refreshedAt === undefined
        ? {
            sinceAttemptMs: answeredAt - at,
            untilOverMs: agent.startedAt + START_UP_MS - answeredAt,
          }
        : undefined;
    return { ...calm, failures: agent.failures, retryAfterMs, firstSuccess: false, startUp };
  }
  const firstSuccess = agent.refreshedAt === undefined || agent.failures > 0;
  const held = Math.trunc(at / rotationMs);
  count(agent.has === held ? course.unchanged : course.full);
  agent.has = held;
  agent.failures = 0;
  agent.refreshedAt = at;
  return { ...calm, failures: 0, retryAfterMs: undefined, firstSuccess, startUp: undefined };
}

/** A small generator of random numbers that can be seeded. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    // oxlint-disable-next-line unicorn/prefer-math-trunc -- it wraps around at 32 bits
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
