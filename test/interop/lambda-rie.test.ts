import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import { freePort } from "../../scripts/free-port.ts";
import { LAMBDA_HOLD_MS, LAMBDA_SHUTDOWN_MS, MIN_POLL_INTERVAL_MS } from "../../src/limits.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { NO_AWS_FILES } from "../support/aws-environment.ts";
import { FakeS3 } from "../support/fake-s3.ts";
import { type Invoked, noRie, Rie } from "../support/lambda-rie.ts";
import { listening } from "../support/listening.ts";
import { hanging, Origin } from "../support/origin.ts";
import { unpackedLayer } from "../support/package/layer.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** The layer, as it is in /opt. */
const opt = noRie === false ? await unpackedLayer({ after }) : "";

/** An environment with the layer and the example, which reads DB_URL at each invocation. */
async function environment(
  t: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly rie: Rie; readonly folder: string }> {
  const folder = await temporaryDirectory(t);
  const rie = await Rie.start(t, opt, {
    CLEF_AGENT_PORT: String(await freePort()),
    CLEF_AGENT_TOKEN_FILE: join(folder, "token"),
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_SOURCE: join(folder, "artifact.json"),
    ...env,
  });
  return { rie, folder };
}

const artifactFor = (user: string): Promise<string> =>
  pack({ secrets: { DB_URL: `postgres://${user}:hunter2-and-more@db.internal/app` } });

async function originOf(t: TestContext, user: string): Promise<Origin> {
  const origin = await Origin.start(t);
  origin.artifact = await artifactFor(user);
  return origin;
}

/** What the example answers if the secret that it read is this user's. */
function assertRead({ status, body }: Invoked, user: string): void {
  const expected = JSON.stringify({ database: "db.internal", user });
  assert.deepEqual({ status, body }, { status: 200, body: expected });
}

/** That the log has these, in this order. */
function assertInOrder(log: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = log.indexOf(part, from);
    assert.ok(at >= 0, `"${part}" is not where it should be in\n${log}`);
    from = at + part.length;
  }
}

/** That the agent was told to end, for this reason, and was done in the time that it promises. */
function assertShutDown(rie: Rie, reason: string): void {
  const [told, stopped] = rie.agentLog.slice(-2);
  assert.equal(told?.["shutdownReason"], reason);
  assert.equal(stopped?.["reason"], "lambda_shutdown");
  const tookMs = Date.parse(String(stopped["time"])) - Date.parse(String(told["time"]));
  assert.ok(tookMs < LAMBDA_SHUTDOWN_MS, `${tookMs} ms`);
}

/** That the init phase failed with this error, which the log tells and the emulator was told. */
function assertInitFailed(rie: Rie, code: string, errorType: string, message: RegExp): void {
  const error = rie.agentLog.find(({ level }) => level === "error");
  assert.equal(error?.["code"], code);
  assert.match(String(error["message"]), message);
  assert.match(rie.log, /External agent clef-agent \(.*registered, subscribed to/);
  assertInOrder(rie.log, [
    "POST /2020-01-01/extension/init/error",
    `Lambda-Extension-Function-Error-Type:[${errorType}]`,
    "First fatal error stored in appctx: Extension.InitError",
    "INIT RTDONE(status: error)",
  ]);
}

describe("in AWS's Lambda emulator, the layer", { skip: noRie }, () => {
  test("has secrets before the function starts, serves them at each invocation, and ends on SHUTDOWN", async (t) => {
    const origin = await originOf(t, "app");
    const { rie } = await environment(t, { CLEF_AGENT_SOURCE: origin.url });
    for (let count = 0; count < 20; count++) assertRead(await rie.invoke(), "app");
    await rie.stop();
    assertInOrder(rie.log, [
      '"message":"serving secrets"',
      // What the emulator says of the registration may come after what it does then.
      "POST /2020-01-01/extension/register",
      "Start runtime",
      "INIT RTDONE(status: success)",
    ]);
    assert.match(rie.log, /clef-agent \(.*\) registered, subscribed to \[INVOKE SHUTDOWN\]/);
    const asked = rie.log.split("GET /2020-01-01/extension/event/next").length - 1;
    assert.equal(asked, 21, "once in the init phase, and once after each invocation");
    assert.equal(origin.requests, 1);
    assertShutDown(rie, "SandboxTerminated");
    assert.doesNotMatch(rie.log, /extension-clef-agent-\d+ exited: (?!exit status 0)|SIGKILL/);
    assert.doesNotMatch(rie.log, /hunter2/);
  });

  test("reads s3:// with the credentials that Lambda gives to extensions", async (t) => {
    const s3 = new FakeS3();
    const secretAccessKey = "role-secret-key";
    const sessionToken = "role-session-token";
    const key = { accessKeyId: "ASIAEXAMPLE", secretAccessKey, sessionToken };
    s3.keys.set(key.accessKeyId, key);
    const about = { region: "eu-west-1", readers: [key.accessKeyId] };
    s3.put("artifacts", "api.json", Buffer.from(await artifactFor("app")), about);
    const { rie } = await environment(t, {
      ...NO_AWS_FILES,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${await listening(t, s3.listener)}`,
      CLEF_AGENT_SOURCE: "s3://artifacts/api.json",
    });
    assertRead(await rie.invoke(), "app");
    assert.deepEqual(
      s3.seen.map(({ signed }) => signed),
      [true],
    );
  });

  test("has a new revision once it was invoked after a freeze in which the poll fell due", async (t) => {
    const origin = await originOf(t, "old");
    const { rie } = await environment(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CACHE_TTL: "30",
    });
    assertRead(await rie.invoke(), "old");
    // Lambda freezes the environment here; the emulator does not.
    process.kill(rie.agentPid, "SIGSTOP");
    origin.artifact = await artifactFor("new");
    await new Promise((resolve) => setTimeout(resolve, MIN_POLL_INTERVAL_MS));
    process.kill(rie.agentPid, "SIGCONT");
    // The agent looks beside the handler, which may have read before.
    await rie.invoke();
    assertRead(await rie.invoke(), "new");
    assert.deepEqual([origin.requests, origin.conditional], [2, 1]);
  });

  test("holds an invocation no longer than it promises when the source hangs", async (t) => {
    const origin = await originOf(t, "app");
    // In just-in-time mode the source is asked at every invocation.
    const { rie } = await environment(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_CACHE_TTL: "0",
    });
    await rie.invoke();
    origin.behaviour = hanging;
    const held = await rie.invoke();
    assertRead(held, "app");
    t.diagnostic(`the invocation took ${held.tookMs.toFixed(0)} ms`);
    assert.ok(held.tookMs > LAMBDA_HOLD_MS * 0.9, "the emulator waits for the extension");
    assert.ok(held.tookMs < LAMBDA_HOLD_MS * 1.5);
  });

  test("ends when a function takes too long, and is there again for the next invocation", async (t) => {
    // The emulator takes the init phase for a part of it.
    const { rie, folder } = await environment(t, { AWS_LAMBDA_FUNCTION_TIMEOUT: "8" });
    await writeFile(join(folder, "artifact.json"), await artifactFor("app"));
    assertRead(await rie.invoke(), "app");
    process.kill(rie.functionPid, "SIGSTOP");
    assert.equal((await rie.invoke()).body, "Task timed out after 8.00 seconds");
    await eventually("the agent has ended", () => rie.log.includes('"event":"agent.stopped"'));
    assertShutDown(rie, "Timeout");
    assertRead(await rie.invoke(), "app");
  });

  test("is started again after it was killed", async (t) => {
    const { rie, folder } = await environment(t, {});
    await writeFile(join(folder, "artifact.json"), await artifactFor("app"));
    assertRead(await rie.invoke(), "app");
    process.kill(rie.agentPid, "SIGKILL");
    await eventually("the emulator notices", () => rie.log.includes("exited: signal: killed"));
    const { status, body } = await rie.invoke();
    assert.equal(status, 502);
    assert.match(body, /"errorType":"Extension\.Crash"/);
    assertRead(await rie.invoke(), "app");
  });
});

describe("in AWS's Lambda emulator, init fails and says why with", { skip: noRie }, () => {
  for (const [what, env, code, errorType, message] of [
    [
      "no source",
      { CLEF_AGENT_SOURCE: "" },
      "config_missing",
      "Extension.ConfigMissing",
      /^CLEF_AGENT_SOURCE is not set; /,
    ],
    [
      "a token file that cannot be had",
      { CLEF_AGENT_TOKEN_FILE: "/dev/null/token" },
      "config_invalid",
      "Extension.ConfigInvalid",
      /^CLEF_AGENT_TOKEN_FILE: the file cannot be read \(ENOTDIR\)/,
    ],
    [
      "a misspelt variable",
      { CLEF_AGENT_VERIFI_KEY: "x" },
      "config_unknown_variable",
      "Extension.ConfigUnknownVariable",
      /^CLEF_AGENT_VERIFI_KEY .*CLEF_AGENT_VERIFY_KEY/,
    ],
  ] as const) {
    test(what, async (t) => {
      const { rie } = await environment(t, env);
      assert.equal((await rie.invoke()).status, 502);
      await rie.stop();
      assertInitFailed(rie, code, errorType, message);
    });
  }

  test("a source that has no artifact, until it has one", async (t) => {
    const { rie, folder } = await environment(t, { CLEF_AGENT_STARTUP_TIMEOUT: "1" });
    assert.equal((await rie.invoke()).status, 502);
    await writeFile(join(folder, "artifact.json"), await artifactFor("app"));
    assertRead(await rie.invoke(), "app");
    await rie.stop();
    const message = /artifact\.json does not exist \(CLEF_AGENT_SOURCE\)$/;
    assertInitFailed(rie, "startup_timeout", "Extension.StartupTimeout", message);
  });
});
