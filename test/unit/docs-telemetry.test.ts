import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { METRICS } from "../../src/otlp/metrics.ts";
import { type Env, configured } from "../support/config.ts";
import { SERIES } from "../support/prometheus-names.ts";
import { codesIn, tableUnder, textOf } from "../support/docs-markdown.ts";

const GUIDE = textOf("docs/telemetry.md");

describe("the table of OpenTelemetry's variables", () => {
  const rows = tableUnder(GUIDE, "Where it goes");
  const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };
  /** A value for each that makes a difference. */
  const EXAMPLES: Readonly<Record<string, string>> = {
    OTEL_SDK_DISABLED: "true",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://elsewhere:4318",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://elsewhere:4318/logs",
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://elsewhere:4318/metrics",
    OTEL_EXPORTER_OTLP_HEADERS: "key=value",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
    OTEL_EXPORTER_OTLP_TIMEOUT: "5000",
    OTEL_LOGS_EXPORTER: "none",
    OTEL_METRICS_EXPORTER: "none",
    OTEL_METRIC_EXPORT_INTERVAL: "5000",
    OTEL_RESOURCE_ATTRIBUTES: "key=value",
    OTEL_SERVICE_NAME: "other",
  };

  test("names no other than those that make a difference", () => {
    assert.deepEqual(
      rows.map(([name = ""]) => codesIn(name).join()),
      Object.keys(EXAMPLES),
    );
  });

  const outcome = async (env: Env): Promise<unknown> => {
    const { telemetry, resource, warnings } = await configured({ ...ENDPOINT, ...env });
    return { telemetry, resource, warnings };
  };

  for (const [name = "", fallback = ""] of rows) {
    const variable = codesIn(name).join();

    test(`says of ${variable} what is so`, async () => {
      assert.notDeepEqual(
        await outcome({ [variable]: EXAMPLES[variable] ?? "" }),
        await outcome({}),
      );
    });

    test(`says what holds when ${variable} is unset`, async () => {
      const [value] = codesIn(fallback);
      if (value !== undefined)
        assert.deepEqual(await outcome({ [variable]: value }), await outcome({}));
    });
  }
});

test("the table of metrics is that of the source", () => {
  const seriesNames: string[] = [];
  const documented = tableUnder(GUIDE, "Metrics").map(
    ([name = "", kind = "", unit = "", attributes = "", meaning = "", series = ""]) => {
      assert.notEqual(meaning, "", name);
      seriesNames.push(...codesIn(series));
      return [codesIn(name).join(), kind, codesIn(unit).join(), codesIn(attributes)];
    },
  );
  const metrics = Object.entries(METRICS).map(([name, { kind, unit, attributes }]) => [
    name,
    kind,
    unit,
    [...attributes],
  ]);
  assert.deepEqual(documented, metrics);
  assert.deepEqual(seriesNames.toSorted(), [...SERIES.keys()].toSorted());
});
