import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { accepting, OtlpReceiver, refusing } from "../../support/otlp-receiver.ts";
import { numbersOf, TelemetryBench, type TelemetryTrial } from "../../support/telemetry.ts";
import { eventually } from "../../support/temporary.ts";

const LOGS_ONLY = { OTEL_METRICS_EXPORTER: "none" };

async function begin(
  context: TestContext,
  trial: TelemetryTrial = {},
): Promise<{ receiver: OtlpReceiver; bench: TelemetryBench }> {
  const receiver = await OtlpReceiver.start(context);
  const env = { ...LOGS_ONLY, ...trial.env };
  return { receiver, bench: new TelemetryBench(context, receiver, { ...trial, env }) };
}

/** The headers of the request that brought this event. */
async function headersOf(
  receiver: OtlpReceiver,
  bench: TelemetryBench,
  number: number,
): Promise<Record<string, unknown>> {
  bench.happens(number);
  await bench.clock.advance(1_000);
  await eventually(`event ${number}`, () => numbersOf(receiver).includes(number));
  return receiver.requests.at(-1)?.headers ?? {};
}

describe("the headers in the secrets", () => {
  test("are a list of their own, or a bearer token", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    const token = await headersOf(receiver, bench, 1);
    assert.equal(token["authorization"], "Bearer the-first-token");

    bench.serves({
      CLEF_TELEMETRY_TOKEN: "not-looked-at",
      CLEF_TELEMETRY_HEADERS: "X-Api-Key=key-with-=-in-it, Authorization=Basic%20dXNlcg==",
    });
    const listed = await headersOf(receiver, bench, 2);
    assert.equal(listed["x-api-key"], "key-with-=-in-it");
    assert.equal(listed["authorization"], "Basic dXNlcg==");
  });

  test("follow a rotation, and go when they are taken out", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    assert.equal((await headersOf(receiver, bench, 1))["authorization"], "Bearer the-first-token");
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-second-token" });
    assert.equal((await headersOf(receiver, bench, 2))["authorization"], "Bearer the-second-token");
    bench.serves({ KEY: "value" });
    assert.equal((await headersOf(receiver, bench, 3))["authorization"], undefined);
  });

  test("may be in a namespace, if in one only", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves({ app: { CLEF_TELEMETRY_TOKEN: "in-a-namespace" } });
    assert.equal((await headersOf(receiver, bench, 1))["authorization"], "Bearer in-a-namespace");
    bench.serves({
      a: { CLEF_TELEMETRY_TOKEN: "one-of-two" },
      b: { CLEF_TELEMETRY_TOKEN: "other" },
    });
    assert.equal((await headersOf(receiver, bench, 2))["authorization"], undefined);
    assert.deepEqual(bench.warnings(), [
      "telemetry: CLEF_TELEMETRY_TOKEN is in several namespaces of the secrets",
    ]);
  });

  test("go over those of the environment", async (context) => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20env,x-tenant=blue" };
    const { receiver, bench } = await begin(context, { env });
    bench.serves({ CLEF_TELEMETRY_TOKEN: "from-the-secrets" });
    const headers = await headersOf(receiver, bench, 1);
    assert.equal(headers["authorization"], "Bearer from-the-secrets");
    assert.equal(headers["x-tenant"], "blue");
  });

  for (const [what, list] of [
    ["no list", "just-some-secret-text"],
    ["a name that is none", "bad name=secret-value"],
    ["a value with a line break", "x-key=secret%0Avalue"],
    ["a header of the request itself", "Content-Length=123456789"],
  ] as const) {
    test(`that are ${what} are warned of once, without their value, and left out`, async (context) => {
      const { receiver, bench } = await begin(context);
      bench.serves({ CLEF_TELEMETRY_HEADERS: list });
      await headersOf(receiver, bench, 1);
      await headersOf(receiver, bench, 2);
      assert.equal(bench.warnings().length, 1);
      assert.match(bench.warnings()[0] ?? "", /CLEF_TELEMETRY_HEADERS/);
      assert.doesNotMatch(bench.warnings()[0] ?? "", /secret-|123456789/);
    });
  }
});

describe("before the first artifact", () => {
  test("events wait for its headers", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.happens(1);
    await bench.clock.advance(9_000);
    assert.equal(receiver.requests.length, 0);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    await bench.clock.advance(0);
    await eventually("it", () => numbersOf(receiver).length === 1);
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer the-first-token");
  });

  test("they are sent without after 10 seconds", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.happens(1);
    await bench.clock.advance(10_000);
    await eventually("it", () => numbersOf(receiver).length === 1);
    assert.equal(receiver.requests[0]?.headers.authorization, undefined);
  });

  for (const status of [401, 403]) {
    test(`and if that is refused with ${status}, they wait on`, async (context) => {
      const { receiver, bench } = await begin(context);
      receiver.treatment = refusing(status);
      bench.happens(1);
      await bench.clock.advance(10_000);
      await eventually("it is known", () => bench.warnings().length === 1);
      receiver.treatment = accepting;
      await bench.clock.advance(3_600_000);
      assert.equal(receiver.requests.length, 1);
      bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
      await bench.clock.advance(0);
      await eventually("it", () => numbersOf(receiver).length === 1);
    });
  }
});

describe("when the secrets are wiped", () => {
  test("the headers stay for the last words, and for no longer than 30 seconds", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    await bench.clock.advance(0);
    bench.wipes();
    await bench.clock.advance(0);
    await receiver.event("artifact.revoked");
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer the-first-token");

    await bench.clock.advance(30_000);
    bench.happens(1);
    await bench.clock.advance(60_000);
    assert.equal(receiver.requests.length, 1);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-second-token" });
    await bench.clock.advance(0);
    await eventually("it", () => numbersOf(receiver).length === 1);
    assert.equal(receiver.requests[1]?.headers.authorization, "Bearer the-second-token");
  });

  test("so it is when that comes right after they were served", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    bench.wipes();
    await bench.clock.advance(0);
    await receiver.event("artifact.revoked");
    assert.equal(receiver.requests[0]?.headers.authorization, "Bearer the-first-token");
    await bench.clock.advance(30_000);
    bench.happens(1);
    await bench.clock.advance(60_000);
    assert.equal(receiver.requests.length, 1);
  });

  test("a collector that never asked for headers is told everything", async (context) => {
    const { receiver, bench } = await begin(context);
    bench.serves();
    await bench.clock.advance(0);
    bench.wipes();
    await bench.clock.advance(31_000);
    await headersOf(receiver, bench, 1);
    assert.deepEqual(
      receiver.events.map(({ name }) => name),
      ["artifact.revoked", "agent.stopped"],
    );
  });
});

describe("in just-in-time mode", () => {
  test("the headers are read for each request and not kept", async (context) => {
    const { receiver, bench } = await begin(context, { keepHeaders: false });
    bench.serves({ CLEF_TELEMETRY_TOKEN: "the-first-token" });
    await bench.clock.advance(0);
    assert.equal(bench.looks, 0);
    assert.equal((await headersOf(receiver, bench, 1))["authorization"], "Bearer the-first-token");
    assert.equal(bench.looks, 1);
    await headersOf(receiver, bench, 2);
    assert.equal(bench.looks, 2);
    bench.wipes();
    await bench.clock.advance(1_000);
    assert.equal(receiver.requests.length, 2);
  });
});
