import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { freePort } from "../../scripts/free-port.ts";
import { AGENT_COMMAND, AgentProcess, type Answer, httpRequest } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../support/artifacts.ts";
import { borrowedTime, LIBFAKETIME } from "../support/borrowed-time.ts";
import { type FunctionProcess, LambdaEmulator } from "../support/lambda-emulator.ts";
import { EXAMPLES } from "../support/lambda.ts";
import { answering, hanging, Origin } from "../support/origin.ts";
import { hangingCollector, OtlpReceiver } from "../support/otlp-receiver.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const DB_URL = "postgres://app:hunter2-and-more@db.internal/app";

interface Environment {
  readonly lambda: LambdaEmulator;
  readonly origin: Origin;
  readonly agent: AgentProcess;
  readonly port: number;
  readonly ready: () => Promise<number>;
  readonly read: (name: string) => Promise<Answer>;
}

/** The built agent as an extension beside a function, in an environment that is frozen between events. */
async function environment(
  t: TestContext,
  options: {
    readonly example?: Omit<FunctionProcess, "env">;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly origin?: Origin;
  } = {},
): Promise<Environment> {
  const origin = options.origin ?? (await Origin.start(t));
  if (origin.artifact === "") origin.artifact = await pack({ secrets: { DB_URL } });
  const port = await freePort();
  const token = join(await temporaryDirectory(t), "token");
  const shared = { CLEF_AGENT_PORT: String(port), CLEF_AGENT_TOKEN_FILE: token };
  const { example } = options;
  const run = example === undefined ? undefined : { ...example, env: shared };
  const lambda = await LambdaEmulator.start(t, EXTENSION, run);
  const agent = AgentProcess.start(t, {
    AWS_LAMBDA_RUNTIME_API: lambda.host,
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_LOG_LEVEL: "debug",
    ...shared,
    CLEF_AGENT_TOKEN: undefined,
    ...options.env,
  });
  const ready = async (): Promise<number> => (await httpRequest(port, "/v1/ready", HOST)).status;
  const read = async (name: string): Promise<Answer> => {
    const authorization = `Bearer ${(await readFile(token, "utf8")).trim()}`;
    return httpRequest(port, `/v1/secrets/${name}`, { authorization, ...HOST });
  };
  return { lambda, origin, agent, port, ready, read };
}

/** Lambda knows the agent by the name of its file. */
const EXTENSION = basename(AGENT_COMMAND.at(-1) ?? "", ".js");

const HOST = { host: "localhost" };
const ENDED_BY_LAMBDA = { code: 0, signal: null };

for (const [language, example] of Object.entries(EXAMPLES)) {
  const skip = example === undefined ? `${language} is not on this machine` : false;

  test(
    `a ${language} function: init, 100 invocations with a freeze before each, SHUTDOWN`,
    {
      skip,
    },
    async (t) => {
      const { lambda, origin, agent, ready } = await environment(
        t,
        example === undefined ? {} : { example },
      );
      lambda.freezes(agent.child);
      let readyAtRegistration = 0;
      lambda.onRegister = async () => void (readyAtRegistration = await ready());
      await lambda.init();
      assert.deepEqual(lambda.registered, ["INVOKE", "SHUTDOWN"]);
      assert.equal(readyAtRegistration, 200, "code outside the handler can read secrets");
      const atInit = origin.requests;
      assert.equal(atInit, 1);
      for (let count = 0; count < 100; count++) {
        const answer = await lambda.invoke({ count });
        assert.deepEqual(answer, { database: "db.internal", user: "app" });
      }
      // One that was due at most: the poll after the first success comes within half a minute.
      assert.ok(origin.requests <= 3, `${origin.requests} fetches`);
      const median = lambda.overheads.toSorted((a, b) => a - b)[50] ?? Number.POSITIVE_INFINITY;
      t.diagnostic(`the extension made an invocation longer by ${median.toFixed(1)} ms (median)`);
      const toldAt = performance.now();
      lambda.shutdown();
      assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
      assert.ok(performance.now() - toldAt < 1_500);
      assert.deepEqual(agent.log.at(-1)?.["reason"], "lambda_shutdown");
      assert.deepEqual(lambda.errors, []);
      for (const secret of [lambda.extensionId, "hunter2"]) {
        assert.ok(!agent.stderr.includes(secret), `${secret} is in the log`);
      }
    },
  );
}

const noFaketime = LIBFAKETIME === undefined && "libfaketime (apt-get install faketime) is missing";

describe("after ten minutes frozen", { skip: noFaketime }, () => {
  /** The environment sleeps: the wall clock goes on, the process and its monotonic clock do not. */
  async function frozenForTenMinutes(
    t: TestContext,
    asleep: (origin: Origin) => Promise<void>,
  ): Promise<Environment> {
    const time = await borrowedTime(t);
    const env = { ...time.env, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
    const started = await environment(t, { env });
    const { lambda, agent, origin } = started;
    lambda.freezes(agent.child);
    await lambda.init();
    await lambda.invoke();
    await time.goesOn(600);
    await asleep(origin);
    return started;
  }

  test("the first read gets what is in force now, not what was loaded before", async (t) => {
    const { lambda, agent, read, origin } = await frozenForTenMinutes(t, async (source) => {
      source.artifact = await pack({ secrets: { DB_URL: "new" } });
    });
    agent.child.kill("SIGCONT");
    const answer = await read("DB_URL");
    assert.deepEqual([answer.status, answer.body], [200, '{"value":"new"}']);
    await lambda.invoke();
    assert.equal(origin.requests, 2);
    lambda.shutdown();
    assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
  });

  test("INVOKE alone refreshes, before any read", async (t) => {
    const { lambda, agent, origin } = await frozenForTenMinutes(t, async (source) => {
      source.artifact = await pack({ secrets: { DB_URL: "new" } });
    });
    const before = origin.requests;
    await lambda.invoke({}, 900_000);
    assert.equal(origin.requests, before + 1);
    agent.child.kill("SIGCONT");
    await agent.logged("the new artifact", ({ event }) => event === "artifact.refreshed");
  });

  test("a source that is down gives 503 and no expired secret", async (t) => {
    const { agent, read, lambda } = await frozenForTenMinutes(t, (source) => source.down());
    agent.child.kill("SIGCONT");
    const answer = await read("DB_URL");
    assert.equal(answer.status, 503);
    assert.doesNotMatch(answer.body, /hunter2/);
    await lambda.invoke({}, 900_000);
    assert.equal(agent.exit, undefined, "the extension lives on");
  });
});

test("waits for the next event for an hour without giving up", { skip: noFaketime }, async (t) => {
  const time = await borrowedTime(t);
  const { lambda, agent, origin } = await environment(t, { env: time.env });
  await lambda.init();
  const { nexts } = lambda;
  await time.goesOn(3_600);
  await eventually("its own timers have seen the hour pass", () => origin.requests > 1);
  assert.equal(lambda.nexts, nexts, "it is still the same request");
  await lambda.invoke({}, 7_200_000);
  lambda.shutdown();
  assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
});

test("a connection to Lambda that breaks while it waits is made again", async (t) => {
  const { lambda, agent } = await environment(t);
  await lambda.init();
  for (let times = 0; times < 3; times++) {
    lambda.breakLongPoll();
    await eventually("it waits again", () => lambda.extensionWaits);
  }
  await lambda.invoke();
  lambda.shutdown();
  assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
  assert.deepEqual(lambda.errors, []);
});

test("a revoked artifact does not keep the function from starting", async (t) => {
  const origin = await Origin.start(t);
  origin.artifact = revocation();
  const { lambda, ready } = await environment(t, { origin });
  await lambda.init();
  assert.equal(await ready(), 503);
});

describe("what keeps it from having secrets at init is reported as init/error:", () => {
  test("a source that fails", async (t) => {
    const origin = await Origin.start(t);
    origin.behaviour = answering(404);
    const { lambda, agent } = await environment(t, {
      origin,
      ...(EXAMPLES["Node.js"] === undefined ? {} : { example: EXAMPLES["Node.js"] }),
      env: { CLEF_AGENT_STARTUP_TIMEOUT: "1" },
    });
    assert.deepEqual(await agent.ended(), { code: 1, signal: null });
    const [error] = lambda.errors;
    assert.equal(lambda.errors.length, 1);
    assert.equal(error?.path, "init/error");
    assert.equal(error.header, "Extension.StartupTimeout");
    const body = error.body as Record<string, unknown>;
    assert.deepEqual(Object.keys(body), ["errorMessage", "errorType", "stackTrace"]);
    assert.equal(body["errorType"], "Extension.StartupTimeout");
    assert.match(String(body["errorMessage"]), /no artifact within 1 s .* answered 404/);
    assert.deepEqual(body["stackTrace"], []);
    assert.equal(lambda.nexts, 0);
  });

  test("a configuration that is wrong", async (t) => {
    const { lambda, agent } = await environment(t, { env: { CLEF_AGENT_SOURCE: undefined } });
    assert.deepEqual(await agent.ended(), { code: 1, signal: null });
    assert.equal(lambda.errors[0]?.path, "init/error");
    assert.equal(lambda.errors[0].header, "Extension.ConfigMissing");
  });

  test("a port that is taken", async (t) => {
    const { agent: other, port } = await environment(t);
    await eventually("it listens", () => other.log.find((line) => line["message"] === "listening"));
    const env = { CLEF_AGENT_PORT: String(port) };
    const { lambda, agent } = await environment(t, { env });
    assert.deepEqual(await agent.ended(), { code: 1, signal: null });
    assert.equal(lambda.errors[0]?.header, "Extension.ListenFailed");
  });
});

test("an extension that Lambda does not know says so and exits", async (t) => {
  const origin = await Origin.start(t);
  origin.artifact = await pack();
  const lambda = await LambdaEmulator.start(t, "another-file");
  const agent = AgentProcess.start(t, {
    AWS_LAMBDA_RUNTIME_API: lambda.host,
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  assert.deepEqual(await agent.ended(), { code: 1, signal: null });
  const line = agent.log.find(({ code }) => code === "lambda_api_failed");
  assert.match(String(line?.["message"]), /answered 403 when asked to register as "clef-agent/);
});

test("an answer of Lambda's that says stop ends it, and is reported as exit/error", async (t) => {
  const { lambda, agent } = await environment(t);
  await lambda.init();
  lambda.refuseNext(500);
  assert.deepEqual(await agent.ended(), { code: 1, signal: null });
  assert.equal(lambda.errors[0]?.path, "exit/error");
  assert.equal(lambda.errors[0].header, "Extension.LambdaApiFailed");
});

test("SHUTDOWN is over in 1.5 s though a fetch hangs and a client is connected", async (t) => {
  const { lambda, agent, origin, port } = await environment(t);
  await lambda.init();
  origin.behaviour = hanging;
  agent.child.kill("SIGHUP");
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  client.on("error", () => undefined);
  client.write("GET /v1/health HTTP/1.1\r\n");
  await eventually("the fetch is under way", () => origin.requests === 2);
  const toldAt = performance.now();
  lambda.shutdown("TIMEOUT");
  assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
  const took = performance.now() - toldAt;
  t.diagnostic(`it exited ${took.toFixed(0)} ms after SHUTDOWN`);
  assert.ok(took < 1_500, `${took} ms`);
  assert.deepEqual(agent.log.at(-1)?.["reason"], "lambda_shutdown");
});

test("SHUTDOWN sends the last telemetry, and is over in 1.5 s if the collector hangs", async (t) => {
  const receiver = await OtlpReceiver.start(t);
  const url = { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl };
  const { lambda, agent } = await environment(t, { env: url });
  await lambda.init();
  lambda.shutdown("SPINDOWN");
  assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
  assert.equal(receiver.events.at(-1)?.attributes["clef.reason"], "lambda_shutdown");

  receiver.treatment = hangingCollector;
  const second = await environment(t, { env: url });
  await second.lambda.init();
  const toldAt = performance.now();
  second.lambda.shutdown("SPINDOWN");
  assert.deepEqual(await second.agent.ended(), ENDED_BY_LAMBDA);
  assert.ok(performance.now() - toldAt < 1_500);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends it in order in Lambda too`, async (t) => {
    const { lambda, agent } = await environment(t);
    await lambda.init();
    agent.child.kill(signal);
    assert.deepEqual(await agent.ended(), ENDED_BY_LAMBDA);
    assert.equal(agent.log.at(-1)?.["reason"], "signal");
  });
}
