import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { LOG_BURST } from "../../src/limits.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { packedFor } from "../support/kms/pack-for.ts";
import { rememberPayload, rememberSecret } from "../support/known-secrets.ts";
import { hangingCollector, OtlpReceiver } from "../support/otlp-receiver.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const SECRETS = {
  DB_URL: "postgres://db/the-password",
  CLEF_TELEMETRY_TOKEN: "the-collectors-token",
};

async function serving(
  t: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly agent: AgentProcess; readonly file: string }> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ secrets: SECRETS }));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    ...env,
  });
  await agent.ready();
  return { agent, file };
}

describe("the built agent", () => {
  for (const [what, env] of [
    ["JSON", {}],
    [
      "protobuf and gzip",
      { OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf", OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" },
    ],
    ["just-in-time mode", { CLEF_AGENT_CACHE_TTL: "0" }],
  ] as const) {
    test(`tells its life and its metrics, with the token from the secrets: ${what}`, async (t) => {
      const receiver = await OtlpReceiver.start(t);
      const { agent } = await serving(t, { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl, ...env });
      assert.equal((await agent.get("/v1/secrets")).status, 200);
      assert.equal((await agent.get("/v1/secrets", { authorization: "Bearer no" })).status, 401);
      await agent.stop();
      assert.deepEqual(
        receiver.events.map(({ name }) => name),
        ["agent.started", "artifact.refreshed", "agent.stopped"],
      );
      const keyCount = receiver.events[1]?.attributes["clef.keyCount"];
      assert.equal(keyCount, what === "just-in-time mode" ? undefined : 2);
      assert.equal(receiver.metrics.get("clef.secrets.reads")?.points[0]?.value, 1);
      assert.equal(receiver.metrics.get("clef.requests.unauthorized")?.points[0]?.value, 1);
      for (const { headers } of receiver.requests) {
        assert.equal(headers.authorization, "Bearer the-collectors-token");
      }
      assert.doesNotMatch(agent.stderr, /the-collectors-token|the-password/);
    });
  }

  test("asks the KMS for the token even at its very end", async (t) => {
    const receiver = await OtlpReceiver.start(t);
    const kms = await FakeAwsKms.start(t);
    rememberPayload(SECRETS);
    const file = await packedFor(t, kms, SECRETS);
    const agent = AgentProcess.start(t, {
      ...kms.env,
      CLEF_AGENT_SOURCE: file,
      CLEF_AGENT_CACHE_TTL: "0",
      CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl,
    });
    await agent.ready();
    await receiver.event("artifact.refreshed");
    await agent.stop();
    assert.equal(receiver.events.at(-1)?.name, "agent.stopped");
    assert.equal(receiver.events[1]?.attributes["clef.kmsEnvelope"], true);
    for (const { headers } of receiver.requests) {
      assert.equal(headers.authorization, "Bearer the-collectors-token");
    }
  });

  test("is configured by the variables of OpenTelemetry alone, and never logs their headers", async (t) => {
    const receiver = await OtlpReceiver.start(t);
    rememberSecret("a-vendors-api-key");
    const { agent } = await serving(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=a-vendors-api-key",
      OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop,service.name=not-this",
      CLEF_AGENT_LOG_LEVEL: "debug",
    });
    await agent.stop();
    const [started] = receiver.events;
    assert.equal(started?.resource["service.namespace"], "shop");
    assert.equal(started.resource["service.name"], "clef-agent");
    assert.equal(receiver.requests[0]?.headers["x-api-key"], "a-vendors-api-key");
    assert.doesNotMatch(agent.stderr, /a-vendors-api-key/);
  });

  test("does not let a client flood its log", async (t) => {
    const { agent } = await serving(t, {});
    for (let request = 0; request < 100; request++) {
      assert.equal((await agent.get("/v1/keys", { authorization: "Bearer no" })).status, 401);
    }
    await agent.stop();
    const refused = agent.log.filter(({ status }) => status === 401);
    assert.equal(refused.length, LOG_BURST);
    assert.equal(agent.log.find(({ suppressed }) => suppressed !== undefined)?.["suppressed"], 80);
  });
});

describe("a collector that hangs", () => {
  test("changes neither the answers nor the time that the end takes", async (t) => {
    const receiver = await OtlpReceiver.start(t);
    receiver.treatment = hangingCollector;
    const ends: { readonly hanging: number; readonly plain: number }[] = [];
    for (let round = 0; round < 3; round++) {
      const seen = receiver.requests.length;
      const { agent } = await serving(t, { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl });
      const { agent: plain } = await serving(t, {});
      await eventually("a request hangs", () => receiver.requests.length > seen);
      // Longer than a collector is given that has never answered.
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal((await agent.get("/v1/secrets")).status, 200);
      ends.push({ hanging: await endOf(agent), plain: await endOf(plain) });
      assert.deepEqual(await agent.ended(), { code: 0, signal: null });
    }
    // One that waits for the collector takes 250 ms longer at least, in every round; a busy machine in some.
    const hanging = Math.min(...ends.map((end) => end.hanging));
    const without = Math.min(...ends.map((end) => end.plain));
    assert.ok(hanging < without + 200, JSON.stringify(ends));
  });

  test("keeps nobody from starting", async (t) => {
    const { agent } = await serving(t, { CLEF_AGENT_TELEMETRY_URL: "http://127.0.0.1:9/v1/logs" });
    await agent.logged("the warning", ({ code }) => code === "telemetry_failed");
    assert.equal((await agent.get("/v1/secrets")).status, 200);
  });
});

/** Milliseconds from SIGTERM to the exit. */
async function endOf(agent: AgentProcess): Promise<number> {
  const from = performance.now();
  await agent.stop();
  return performance.now() - from;
}
