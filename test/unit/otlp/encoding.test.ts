import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeLogs, encodeMetrics } from "../../../src/otlp/encoding.ts";
import { toLogRecord } from "../../../src/otlp/log-records.ts";
import { About } from "../../../src/otlp/about.ts";
import { metricData } from "../../../src/otlp/points.ts";
import { resourceOf } from "../../../src/otlp/resource.ts";

const RESOURCE = resourceOf(
  new About({ agentId: "a", sourceType: "file", identity: undefined, environment: undefined }, {}),
);
const PERIOD = { start: [1, 0], end: [2, 0] } as const satisfies Record<string, [number, number]>;

function textOf(body: Uint8Array | undefined): string {
  assert.ok(body !== undefined);
  return Buffer.from(body).toString("utf8");
}

test("in JSON an integer of an event is a string, as are times; what a text quotes stays", () => {
  const quoting = 'a "intValue":5 in a text';
  const stopped = { name: "agent.stopped", reason: "signal", uptimeSeconds: 12 } as const;
  const failed = {
    name: "fetch.failed",
    code: "source_timeout",
    error: quoting,
    diskCacheAvailable: true,
  } as const;
  const records = [stopped, failed].map((event) =>
    toLogRecord({ event, atMs: 1_700_000_000_123 }, RESOURCE, (text) => text),
  );
  const text = textOf(encodeLogs("json", records));
  assert.match(text, /"key":"clef\.uptimeSeconds","value":\{"intValue":"12"\}/);
  assert.match(text, /"timeUnixNano":"1700000000123000000"/);
  assert.match(text, /"severityNumber":9,/);
  assert.match(text, /"boolValue":true/);
  assert.ok(text.includes(JSON.stringify(quoting)), text);
});

test("in JSON the counts of metrics are strings, their sums and bounds numbers", () => {
  const buckets = { boundaries: [0.5], counts: [2, 1] };
  const value = { buckets, count: 3, sum: 4, min: 0.25, max: 3 };
  const text = textOf(
    encodeMetrics("json", RESOURCE, [
      metricData({ name: "clef.secrets.reads", points: [{ value: 7, attributes: {} }] }, PERIOD),
      metricData(
        { name: "http.server.request.duration", points: [{ value, attributes: {} }] },
        PERIOD,
      ),
    ]),
  );
  assert.match(text, /"asInt":"7"/);
  assert.match(text, /"count":"3"/);
  assert.match(text, /"bucketCounts":\["2","1"\]/);
  assert.match(text, /"explicitBounds":\[0\.5\]/);
  assert.match(text, /"sum":4,/);
});
