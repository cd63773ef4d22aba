import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TELEMETRY_BATCH_MAX, TELEMETRY_QUEUE_MAX } from "../../../src/limits.ts";
import { backoffMs } from "../../../src/otlp/sender.ts";
import { accepting, OtlpReceiver, refusing } from "../../support/otlp-receiver.ts";
import { numbersOf, TelemetryBench } from "../../support/telemetry.ts";
import { eventually } from "../../support/temporary.ts";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe("events", () => {
  test("wait a second for company and go in one request", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    bench.serves();
    await bench.clock.advance(0);
    bench.happens(1);
    bench.happens(2);
    await bench.clock.advance(999);
    assert.equal(receiver.requests.length, 0);
    await bench.clock.advance(1);
    await eventually("both", () => numbersOf(receiver).length === 2);
    assert.equal(receiver.requests.length, 1);
    assert.deepEqual(numbersOf(receiver), [1, 2]);
  });

  test("go at once when they fill a batch, in batches and in their order", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    bench.serves();
    for (const number of range(0, TELEMETRY_BATCH_MAX + 10)) bench.happens(number);
    await bench.clock.advance(0);
    const all = range(0, TELEMETRY_BATCH_MAX + 10);
    await eventually("all", () => numbersOf(receiver).length === all.length);
    assert.deepEqual(numbersOf(receiver), all);
    assert.equal(receiver.requests.length, 2);
  });

  test("are kept while the collector fails, and the oldest go when there are too many", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    receiver.treatment = refusing(503);
    bench.serves();
    for (const number of range(0, TELEMETRY_QUEUE_MAX)) bench.happens(number);
    await bench.clock.advance(1_000);
    await eventually("the first attempt", () => receiver.requests.length > 0);
    await eventually("it is known", () => bench.warnings().length > 0);
    for (const number of range(0, 100)) bench.happens(TELEMETRY_QUEUE_MAX + number);
    receiver.treatment = accepting;
    await bench.clock.advance(60_000);
    await eventually("the rest", () => numbersOf(receiver).length >= TELEMETRY_QUEUE_MAX);
    assert.deepEqual(numbersOf(receiver), range(100, TELEMETRY_QUEUE_MAX + 100));
    await bench.clock.advance(60_000);
    const dropped = await eventually("the count", () =>
      receiver.metrics.get("clef.telemetry.dropped")?.points.find(({ value }) => value > 0),
    );
    assert.deepEqual(dropped.attributes, {
      "clef.telemetry.signal": "logs",
      "clef.telemetry.reason": "queue_full",
    });
    assert.equal(dropped.value, 100);
  });

  for (const status of [429, 502, 503, 504]) {
    test(`are sent again after ${status}, when the collector says so`, async (context) => {
      const receiver = await OtlpReceiver.start(context);
      const bench = new TelemetryBench(context, receiver, {
        env: { OTEL_METRICS_EXPORTER: "none" },
      });
      receiver.treatment = refusing(status, { "retry-after": "90" });
      bench.serves();
      bench.happens(1);
      await bench.clock.advance(1_000);
      await eventually("it is known", () => bench.warnings().length > 0);
      receiver.treatment = accepting;
      await bench.clock.advance(88_000);
      assert.equal(receiver.requests.length, 1);
      await bench.clock.advance(2_000);
      await eventually("it", () => numbersOf(receiver).length === 1);
      assert.deepEqual(bench.recorded.messages("info"), ["telemetry: logs are delivered again"]);
    });
  }

  for (const status of [301, 400, 401, 403, 404, 413, 500]) {
    test(`are dropped and counted after ${status}`, async (context) => {
      const receiver = await OtlpReceiver.start(context);
      const bench = new TelemetryBench(context, receiver);
      receiver.treatment = refusing(status, { location: "/v1/logs" });
      bench.serves();
      bench.happens(1);
      await bench.clock.advance(1_000);
      await eventually("it is known", () => bench.warnings().length > 0);
      receiver.treatment = accepting;
      bench.happens(2);
      await bench.clock.advance(61_000);
      await eventually("the next one", () => numbersOf(receiver).length === 1);
      assert.deepEqual(numbersOf(receiver), [2]);
      const dropped = await eventually("the count", () =>
        receiver.metrics
          .get("clef.telemetry.dropped")
          ?.points.find(({ attributes }) => attributes["clef.telemetry.reason"] === "refused"),
      );
      assert.equal(dropped.value, 1);
    });
  }

  test("that the collector took only in part are counted", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    receiver.treatment = (response, { path }) => {
      const partialSuccess = { rejectedLogRecords: "1", errorMessage: "too old" };
      response.end(path === "/v1/logs" ? JSON.stringify({ partialSuccess }) : "{}");
    };
    bench.serves();
    bench.happens(1);
    bench.happens(2);
    await bench.clock.advance(1_000);
    await eventually("both", () => numbersOf(receiver).length === 2);
    await bench.clock.advance(60_000);
    const rejected = await eventually("the count", () =>
      receiver.metrics.get("clef.telemetry.dropped")?.points.find(({ value }) => value > 0),
    );
    assert.equal(rejected.attributes["clef.telemetry.reason"], "rejected");
    assert.equal(rejected.value, 1);
  });

  test("go to the URL as it was given, query and credentials included", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const url = `${receiver.url.replace("//", "//user:pass%20word@")}/v1/logs`;
    const bench = new TelemetryBench(context, receiver, { url });
    bench.serves();
    bench.happens(1);
    await bench.clock.advance(1_000);
    await eventually("it", () => numbersOf(receiver).length === 1);
    const [request] = receiver.requests;
    const basic = Buffer.from("user:pass word").toString("base64");
    assert.ok(request);
    assert.equal(request.headers.authorization, `Basic ${basic}`);
    assert.match(request.headers["user-agent"] ?? "", /^clef-agent\/\d/);
  });

  for (const protocol of ["http/json", "http/protobuf"]) {
    for (const compression of ["gzip", "none"]) {
      test(`and metrics are valid in ${protocol} with ${compression}`, async (context) => {
        const receiver = await OtlpReceiver.start(context);
        const bench = new TelemetryBench(context, receiver, {
          env: {
            OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
            OTEL_EXPORTER_OTLP_COMPRESSION: compression,
          },
        });
        bench.facts = { ...bench.facts, untilExpiryMs: 1_500 };
        bench.serves();
        bench.happens(1);
        bench.wipes();
        await bench.clock.advance(61_000);
        await eventually("the events", () => receiver.events.length === 2);
        await eventually("the metrics", () => receiver.metrics.size > 0);
        assert.equal(receiver.metrics.get("clef.secrets.time_to_expiry")?.points[0]?.value, 1.5);
        assert.equal(receiver.events[1]?.attributes["clef.revokedAt"], "2026-06-01T00:00:00Z");
        for (const { headers } of receiver.requests) {
          assert.equal(headers["content-encoding"], compression === "gzip" ? "gzip" : undefined);
        }
      });
    }
  }

  test("never hold what the log hides", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    bench.recorded.log.hide("a-hidden-password");
    bench.serves();
    bench.telemetry.event({
      name: "artifact.invalid",
      reason: "json_parse",
      error: "it quotes a-hidden-password",
    });
    await bench.clock.advance(1_000);
    const { attributes } = await receiver.event("artifact.invalid");
    assert.equal(attributes["clef.error"], "it quotes [hidden]");
  });
});

describe("a failing collector", () => {
  test("is warned of once, with the variable, and not for every request", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver, { env: { OTEL_METRICS_EXPORTER: "none" } });
    receiver.treatment = refusing(503);
    bench.serves();
    bench.happens(1);
    for (const attempts of [1, 2, 3]) {
      await bench.clock.advance(60_000);
      await eventually(`attempt ${attempts}`, () => receiver.requests.length >= attempts);
    }
    assert.deepEqual(bench.warnings(), [
      `telemetry: logs cannot be delivered: ${receiver.logsUrl} answered 503 (CLEF_AGENT_TELEMETRY_URL)`,
    ]);
  });

  test("is not the only thing that can go wrong, and nothing of it reaches the agent", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver, { env: { OTEL_METRICS_EXPORTER: "none" } });
    bench.breaks = true;
    bench.serves();
    bench.happens(1);
    await bench.clock.advance(1_000);
    await eventually("it is known", () => bench.warnings().length === 1);
    bench.breaks = false;
    bench.happens(2);
    await bench.clock.advance(60_000);
    await eventually("both", () => numbersOf(receiver).length === 2);
  });

  test("is given more and more time, up to a minute", () => {
    const waits = [1, 2, 3, 7, 40].map((failures) => backoffMs(failures, 0.5));
    assert.deepEqual(waits, [750, 1_500, 3_000, 45_000, 45_000]);
    assert.equal(backoffMs(1, 0), 500);
    assert.ok(backoffMs(40, 0.999_999) < 60_000);
  });
});
