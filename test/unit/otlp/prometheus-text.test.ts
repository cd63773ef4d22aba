import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { About } from "../../../src/otlp/about.ts";
import { Instruments } from "../../../src/otlp/instruments.ts";
import { prometheusText } from "../../../src/otlp/prometheus-text.ts";
import { DURATION_BOUNDS } from "../../../src/otlp/request-meter.ts";
import { readRequest } from "../../../src/server/request.ts";
import { jsonResponse } from "../../../src/server/response.ts";
import { parsePrometheus } from "../../support/prometheus-text.ts";
import { SERIES } from "../../support/prometheus-names.ts";

const SUBJECT = {
  agentId: "pod-1",
  sourceType: "file",
  identity: "api",
  environment: undefined,
} as const;

function instruments(): Instruments {
  let nowMs = 0;
  const made = new Instruments(
    () => ({
      status: {
        freshness: "fresh",
        revision: "1-a",
        lastRefreshAt: 0,
        ageSeconds: 12.5,
        dataFrom: "origin",
        consecutiveFailures: 2,
        lastFailure: null,
      },
      untilExpiryMs: 60_000,
      diskCacheHoldsArtifact: true,
      diskCacheFailures: 3,
      files: { health: { state: "written" }, isReady: true },
    }),
    () => (nowMs += 30),
  );
  const handler = made.observe(() => jsonResponse(200, {}));
  void handler(readRequest("GET", "/v1/secrets", []));
  void handler(readRequest("GET", "/v1/secrets/NAME_OF_A_SECRET", []));
  made.drops.logs.count("queue_full", 1);
  made.connectionDropped("idle");
  made.event({ name: "command.started", revision: "1-a", keyCount: 1 });
  return made;
}

describe("metrics for Prometheus", () => {
  const text = prometheusText(instruments().collect(), new About(SUBJECT, {}));
  const families = parsePrometheus(text);
  const samples = families.flatMap((family) => family.samples);

  test("are all that are sent, under the names and labels that they have when they are sent", () => {
    const names = new Set(samples.map(({ name }) => name));
    names.delete("target_info");
    assert.deepEqual([...names].toSorted(), [...SERIES.keys()].toSorted());
    for (const { name, labels } of samples) {
      if (name === "target_info") continue;
      for (const label of Object.keys(labels)) assert.ok(SERIES.get(name)?.has(label), label);
    }
  });

  test("have a help and a type each, once", () => {
    for (const { name, type, help } of families) {
      assert.match(type, /^(?:gauge|counter|histogram)$/, name);
      assert.ok(help.length > 10, name);
    }
    assert.equal(new Set(families.map(({ name }) => name)).size, families.length);
  });

  test("say whom the agent serves on each series, and the rest of the resource once", () => {
    const info = samples.find(({ name }) => name === "target_info");
    assert.equal(info?.value, 1);
    assert.equal(info.labels["clef_agent_id"], "pod-1");
    assert.equal(info.labels["service_name"], "clef-agent");
    for (const { labels } of samples) assert.equal(labels["clef_identity"], "api");
    for (const { labels } of samples) assert.ok(!("job" in labels) && !("instance" in labels));
  });

  test("have a histogram whose buckets add up", () => {
    const route = ({ labels }: { labels: Readonly<Record<string, string>> }): boolean =>
      labels["http_route"] === "/v1/secrets/:key";
    const buckets = samples.filter(({ name }) => name.endsWith("_seconds_bucket")).filter(route);
    assert.deepEqual(
      buckets.map(({ labels }) => labels["le"]),
      [...DURATION_BOUNDS.map(String), "+Inf"],
    );
    assert.deepEqual(
      buckets.map(({ value }) => value),
      [0, 0, 0, ...Array.from({ length: 12 }, () => 1)],
    );
    const sum = samples.filter(({ name }) => name.endsWith("duration_seconds_sum")).find(route);
    assert.equal(sum?.value, 0.03);
  });

  test("name no secret", () => {
    assert.doesNotMatch(text, /NAME_OF_A_SECRET/);
  });

  test("are read as they are, whatever an operator added to the resource", () => {
    const added = { 'a"b': 'x"\\y\nz', "a.b": "1", a_b: "2", "9": "nine" };
    const [info] = parsePrometheus(prometheusText([], new About(SUBJECT, added)));
    const labels = info?.samples[0]?.labels ?? {};
    assert.equal(labels["a_b"], 'x"\\y\nz;1;2');
    assert.equal(labels["key_9"], "nine");
  });
});
