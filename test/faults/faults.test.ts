import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { InProcessAgent, pass } from "../support/agent-in-process.ts";
import { pack } from "../support/artifacts.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { healthy, Origin } from "../support/origin.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { type Fault, FAULTS, justInTime, type Scene, type Sight } from "./catalogue.ts";

const TTL_MS = 30_000;
/** The poll interval that goes with it. */
const INTERVAL_MS = 5_000;

interface Mode {
  readonly cacheTtl: string;
  readonly sees: (fault: Fault) => Fault["sees"];
}

const MODES: Readonly<Record<string, Mode>> = {
  "in cached mode": { cacheTtl: String(TTL_MS / 1000), sees: ({ sees }) => sees },
  "in just-in-time mode": { cacheTtl: "0", sees: justInTime },
};

for (const [where, faults] of Object.entries(FAULTS)) {
  for (const [name, mode] of Object.entries(MODES)) {
    describe(`${where}, ${name}`, { concurrency: 8 }, () => {
      for (const fault of faults) {
        for (const withCache of [false, true]) {
          const title = `${fault.name}, ${withCache ? "with" : "without"} a disk cache`;
          it(title, (t) => liveThrough(t, fault, mode, withCache));
        }
      }
    });
  }
}

/** Two agents see the fault begin, last and end; one of them is restarted in the middle of it. */
async function liveThrough(
  t: TestContext,
  fault: Fault,
  mode: Mode,
  withCache: boolean,
): Promise<void> {
  const sees = mode.sees(fault);
  const clock = new FakeClock();
  const origin = await Origin.start(t);
  const scene = sceneOf(origin, clock, await packed(clock, "held"));
  origin.artifact = scene.held;
  const start = async (): Promise<InProcessAgent> =>
    InProcessAgent.start(t, {
      origin,
      clock,
      cachePath: withCache ? await temporaryDirectory(t) : undefined,
      env: { CLEF_AGENT_CACHE_TTL: mode.cacheTtl },
    });
  const steady = await start();
  const restarted = await start();
  const both = [steady, restarted] as const;
  for (const agent of both) assert.equal(await sight(agent), "held");

  await fault.begin(scene);
  for (const agent of both) agent.deadlineMs = fault.deadlineMs ?? agent.deadlineMs;
  await pass(clock, INTERVAL_MS, ...both);
  assert.equal(await sight(steady), sees.during, "within the TTL");
  assert.equal((await steady.health()).lastFailure, fault.code);

  const before = await restarted.health();
  await restarted.stop();
  await pass(clock, 1_000, steady);
  await restarted.start();
  const [first, later] = withCache ? sees.restartedWithCache : [sees.restarted, sees.restarted];
  assert.equal(await sight(restarted), first, "after a restart");
  if (withCache && first === "held") {
    const { lastRefreshAt, ageSeconds, dataFrom } = await restarted.health();
    assert.equal(lastRefreshAt, before.lastRefreshAt, "the restart is no refresh");
    assert.ok((ageSeconds ?? 0) > (before.ageSeconds ?? 0), "the age goes on");
    assert.equal(dataFrom, "disk_cache");
  }

  const endsAt = (before.lastRefreshAt ?? clock.now().wallMs) + TTL_MS;
  await pass(clock, endsAt - clock.now().wallMs - 1, ...both);
  assert.equal(await sight(restarted), first, "until the TTL is over");
  await pass(clock, 1, ...both);
  assert.equal(await sight(restarted), later, "and not longer");
  await pass(clock, INTERVAL_MS, ...both);
  assert.equal(await sight(steady), sees.later, "when the TTL is over");
  assert.equal(await sight(restarted), later, "nor later");

  await origin.up();
  origin.behaviour = healthy;
  origin.artifact = await packed(clock, "next");
  await pass(clock, (fault.retryAfterSeconds ?? 0) * 1000 + INTERVAL_MS, ...both);
  for (const agent of both) {
    const { state, lastFailure } = await agent.health();
    assert.deepEqual({ state, lastFailure }, { state: "fresh", lastFailure: null });
    assert.equal(await sight(agent), "next", "within one poll of the end");
  }
}

/** What a client sees that asks for the secrets. */
async function sight(agent: InProcessAgent): Promise<Sight | "next"> {
  const { status, body } = await agent.get("/v1/secrets");
  const answer = JSON.parse(body) as { readonly KEY?: Sight; readonly error?: string };
  if (status === 200) return answer.KEY ?? assert.fail(`a payload of someone else: ${body}`);
  assert.equal(status, 503);
  // The request that made the agent ask once more is told so; the next one is not.
  return answer.error === "Refresh failed" ? "Secrets expired" : (answer.error as Sight);
}

function sceneOf(origin: Origin, clock: FakeClock, held: string): Scene {
  return {
    origin,
    held,
    get nowMs() {
      return clock.now().wallMs;
    },
    pack: (value, options) => packed(clock, value, options),
  };
}

async function packed(
  clock: FakeClock,
  value: string,
  options: Parameters<Scene["pack"]>[1] = {},
): Promise<string> {
  const nowMs = clock.now().wallMs - (options.agoMs ?? 0);
  return pack({ secrets: { KEY: value }, signed: true, nowMs, ...options });
}
