import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { LAMBDA_HOLD_MS } from "../../../src/limits.ts";
import { ExtensionsApi } from "../../../src/lifecycle/extensions-api.ts";
import { followEvents } from "../../../src/lifecycle/lambda-events.ts";
import { InProcessAgent } from "../../support/agent-in-process.ts";
import { pack } from "../../support/artifacts.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { LambdaEmulator } from "../../support/lambda-emulator.ts";
import { answering, hanging, healthy, Origin } from "../../support/origin.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/temporary.ts";

interface Extension {
  readonly agent: InProcessAgent;
  readonly clock: FakeClock;
  readonly lambda: LambdaEmulator;
  readonly origin: Origin;
  readonly ended: Promise<{ readonly shutdownReason: string }>;
  readonly holds: (secret: string) => Promise<void>;
}

/** The whole agent on a clock of the test's, following the events of an emulated Lambda. */
async function extension(t: TestContext, cacheTtl = "300"): Promise<Extension> {
  const clock = new FakeClock(Date.now());
  let end = (): Promise<unknown> => Promise.resolve();
  t.after(() => end());
  const origin = await Origin.start(t);
  const holds = async (secret: string): Promise<void> => {
    const nowMs = clock.now().wallMs;
    origin.artifact = await pack({ secrets: { KEY: secret }, signed: true, nowMs });
  };
  await holds("one");
  const lambda = await LambdaEmulator.start(t, "clef-agent");
  lambda.wallMs = () => clock.now().wallMs;
  const { log } = recordingLog();
  const api = new ExtensionsApi({ host: lambda.host, extensionName: "clef-agent", log });
  const agent = await InProcessAgent.start(t, {
    origin,
    clock,
    env: { CLEF_AGENT_CACHE_TTL: cacheTtl },
  });
  const ended = followEvents(agent.running, api, clock);
  await lambda.init();
  let over = false;
  const hasEnded = ended.then(
    () => (over = true),
    () => (over = true),
  );
  end = async () => {
    // A test that failed left the clock standing in the middle of an invocation.
    if (!over && !lambda.extensionWaits) await clock.advance(LAMBDA_HOLD_MS);
    await eventually("the extension waits or is over", () => over || lambda.extensionWaits);
    if (lambda.extensionWaits) lambda.shutdown();
    await hasEnded;
  };
  return { agent, clock, lambda, origin, ended, holds };
}

/** A deadline that no test comes near. */
const PATIENT_MS = 86_400_000;

describe("an extension", () => {
  test("lives through 100 invocations, ten minutes frozen and SHUTDOWN", async (t) => {
    const { agent, clock, lambda, origin, ended, holds } = await extension(t);
    for (let count = 0; count < 100; count++) await lambda.invoke({}, PATIENT_MS);
    assert.equal(origin.requests, 1, "the first fetch serves them all");
    clock.suspend(600_000);
    await holds("two");
    assert.equal((await agent.health()).state, "cache_expired");
    await lambda.invoke({}, PATIENT_MS);
    assert.equal(origin.requests, 2);
    assert.equal((await agent.get("/v1/secrets/KEY")).body, '{"value":"two"}');
    lambda.shutdown("SPINDOWN");
    assert.equal((await ended).shutdownReason, "SPINDOWN");
  });

  test("serves nothing that expired in the freeze, even before INVOKE", async (t) => {
    const { agent, clock, origin } = await extension(t);
    clock.suspend(600_000);
    await origin.down();
    const answer = await agent.get("/v1/secrets/KEY");
    assert.deepEqual([answer.status, answer.body], [503, '{"error":"Refresh failed"}']);
  });

  test("polls at the pace of the schedule while it is in use, not at every INVOKE", async (t) => {
    const { clock, lambda, origin } = await extension(t);
    for (let count = 0; count < 60; count++) {
      clock.suspend(5_000);
      await lambda.invoke({}, PATIENT_MS);
    }
    assert.ok(origin.requests >= 9 && origin.requests <= 13, `${origin.requests} in five minutes`);
  });
});

describe("just-in-time mode", () => {
  test("looks at the source at every INVOKE", async (t) => {
    const { agent, lambda, origin, holds } = await extension(t, "0");
    const before = origin.requests;
    for (let count = 0; count < 10; count++) await lambda.invoke({}, PATIENT_MS);
    assert.equal(origin.requests, before + 10);
    await holds("two");
    await lambda.invoke({}, PATIENT_MS);
    assert.equal((await agent.get("/v1/secrets/KEY")).body, '{"value":"two"}');
  });

  test("leaves a source alone that fails, until its time has come", async (t) => {
    const { clock, lambda, origin } = await extension(t, "0");
    origin.behaviour = answering(503, { "Retry-After": "60" });
    await lambda.invoke({}, PATIENT_MS);
    const before = origin.requests;
    for (let count = 0; count < 10; count++) await lambda.invoke({}, PATIENT_MS);
    assert.equal(origin.requests, before);
    clock.suspend(120_000);
    await lambda.invoke({}, PATIENT_MS);
    assert.equal(origin.requests, before + 1);
    origin.behaviour = healthy;
  });
});

describe("a source that hangs", () => {
  test("makes no invocation longer than a second", async (t) => {
    const { agent, clock, lambda, origin } = await extension(t);
    agent.deadlineMs = 60_000;
    origin.behaviour = hanging;
    clock.suspend(600_000);
    const invoked = lambda.invoke({}, PATIENT_MS);
    await eventually("the source is asked", () => origin.requests === 2);
    await clock.advance(LAMBDA_HOLD_MS - 1);
    assert.ok(!lambda.extensionWaits);
    await clock.advance(1);
    await invoked;
    origin.behaviour = healthy;
  });

  test("does not make a function late", async (t) => {
    const { agent, clock, lambda, origin } = await extension(t);
    agent.deadlineMs = 60_000;
    origin.behaviour = hanging;
    clock.suspend(600_000);
    const invoked = lambda.invoke({}, 700);
    await eventually("the source is asked", () => origin.requests === 2);
    await clock.advance(600);
    await invoked;
    origin.behaviour = healthy;
  });
});
