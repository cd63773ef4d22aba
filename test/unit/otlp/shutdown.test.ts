import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hangingCollector, OtlpReceiver } from "../../support/otlp-receiver.ts";
import { numbersOf, TelemetryBench } from "../../support/telemetry.ts";
import { eventually } from "../../support/temporary.ts";

/** Whether it is over once so much time has passed on the test's clock, and not before. */
async function takes(bench: TelemetryBench, ms: number, budgetMs = 1_000): Promise<void> {
  let over = false;
  const stopping = bench.telemetry.stop(budgetMs).then(() => (over = true));
  if (ms > 0) {
    await bench.clock.advance(ms - 1);
    assert.equal(over, false, "it is over too soon");
    await bench.clock.advance(1);
  }
  await bench.clock.advance(0);
  assert.equal(over, true, "it takes longer");
  await stopping;
}

describe("the end of the agent", () => {
  test("sends what is queued, and the last metrics", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    bench.serves();
    bench.happens(1);
    await bench.telemetry.stop(1_000);
    assert.deepEqual(numbersOf(receiver), [1]);
    assert.ok(receiver.metrics.has("clef.secrets.age"));
    assert.deepEqual(bench.warnings(), []);
  });

  test("waits a quarter of a second for a collector that has not answered yet", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    receiver.treatment = hangingCollector;
    bench.serves();
    bench.happens(1);
    await takes(bench, 250);
    assert.deepEqual(bench.warnings(), [
      "telemetry: 1 events could not be delivered before the end",
    ]);
  });

  test("waits a second for one that has", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    bench.serves();
    bench.happens(1);
    await bench.clock.advance(6_000);
    await eventually("it", () => numbersOf(receiver).length === 1);
    await eventually("metrics", () => receiver.metrics.size > 0);
    receiver.treatment = hangingCollector;
    bench.happens(2);
    await takes(bench, 1_000);
  });

  test("waits no longer than it is allowed to", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    receiver.treatment = hangingCollector;
    bench.serves();
    bench.happens(1);
    await takes(bench, 100, 100);
  });

  test("does not wait for a collector that is hanging already", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver);
    receiver.treatment = hangingCollector;
    bench.serves();
    bench.happens(1);
    await bench.clock.advance(6_000);
    await eventually("both requests hang", () => receiver.requests.length === 2);
    await bench.clock.advance(250);
    bench.happens(2);
    await takes(bench, 0);
    assert.deepEqual(bench.warnings(), [
      "telemetry: 2 events could not be delivered before the end",
    ]);
  });

  test("does not wait for one that has been silent for a whole request", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: "50", OTEL_METRICS_EXPORTER: "none" };
    const bench = new TelemetryBench(context, receiver, { env });
    receiver.treatment = hangingCollector;
    bench.serves();
    bench.happens(1);
    await bench.clock.advance(1_000);
    await eventually("it is known", () => bench.warnings().length === 1);
    await takes(bench, 0);
  });

  test("loses no time with one that is down", async (context) => {
    const receiver = await OtlpReceiver.start(context);
    const bench = new TelemetryBench(context, receiver, { url: "http://127.0.0.1:9/v1/logs" });
    bench.serves();
    bench.happens(1);
    await bench.telemetry.stop(1_000);
    assert.match(bench.warnings().join("\n"), /cannot be reached/);
  });
});
