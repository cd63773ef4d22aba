import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Config } from "../../../src/config/config.ts";
import type { TelemetryConfig } from "../../../src/config/telemetry.ts";
import type { SignalConfig } from "../../../src/config/telemetry-signal.ts";
import { AGE_IDENTITY } from "../../support/artifacts.ts";
import { configured, type Env } from "../../support/config.ts";

const CLEF = "https://clef.example.com/v1/logs";
const BASE = "https://otel.example.com:4318";

function configOf(env: Env): Promise<Config> {
  return configured({
    CLEF_AGENT_TOKEN: "k3v9-Qz71pX_0aLw",
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    ...env,
  });
}

async function telemetryOf(env: Env): Promise<TelemetryConfig | undefined> {
  return (await configOf(env)).telemetry;
}

async function warningsOf(env: Env): Promise<readonly string[]> {
  return (await configOf(env)).warnings;
}

async function logsOf(env: Env): Promise<SignalConfig> {
  const logs = (await telemetryOf(env))?.logs;
  assert.ok(logs);
  return logs;
}

/** Where logs and metrics go. */
async function urlsOf(env: Env): Promise<readonly (string | undefined)[]> {
  const telemetry = await telemetryOf(env);
  return [telemetry?.logs?.url.href, telemetry?.metrics?.url.href];
}

describe("telemetry goes", () => {
  for (const [what, env, logs, metrics] of [
    ["nowhere without a variable", {}, undefined, undefined],
    [
      "to the URL as given and beside it",
      { CLEF_AGENT_TELEMETRY_URL: `${CLEF}?t=1` },
      `${CLEF}?t=1`,
      "https://clef.example.com/v1/metrics?t=1",
    ],
    [
      "for logs alone to a URL of another form",
      { CLEF_AGENT_TELEMETRY_URL: "https://x/api/logs" },
      "https://x/api/logs",
      undefined,
    ],
    [
      "to the base with the signal appended",
      { OTEL_EXPORTER_OTLP_ENDPOINT: BASE },
      `${BASE}/v1/logs`,
      `${BASE}/v1/metrics`,
    ],
    [
      "without a double slash",
      { OTEL_EXPORTER_OTLP_ENDPOINT: `${BASE}/otlp/` },
      `${BASE}/otlp/v1/logs`,
      `${BASE}/otlp/v1/metrics`,
    ],
    [
      "to the signal's own endpoint as it is",
      { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "https://l/x" },
      "https://l/x",
      `${BASE}/v1/metrics`,
    ],
    [
      "to CLEF_AGENT_TELEMETRY_URL where both are given",
      {
        CLEF_AGENT_TELEMETRY_URL: CLEF,
        OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: BASE,
      },
      CLEF,
      "https://clef.example.com/v1/metrics",
    ],
    [
      "for metrics to their own endpoint all the same",
      { CLEF_AGENT_TELEMETRY_URL: CLEF, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://m/x" },
      CLEF,
      "https://m/x",
    ],
    [
      "for metrics to the base, if that URL does not say where",
      { CLEF_AGENT_TELEMETRY_URL: "https://x/logs", OTEL_EXPORTER_OTLP_ENDPOINT: BASE },
      "https://x/logs",
      `${BASE}/v1/metrics`,
    ],
    [
      "nowhere where OpenTelemetry is disabled",
      { CLEF_AGENT_TELEMETRY_URL: CLEF, OTEL_SDK_DISABLED: "True" },
      undefined,
      undefined,
    ],
    [
      "for metrics alone",
      { CLEF_AGENT_TELEMETRY_URL: CLEF, OTEL_LOGS_EXPORTER: "none" },
      undefined,
      "https://clef.example.com/v1/metrics",
    ],
    [
      "for logs alone",
      { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_METRICS_EXPORTER: "none" },
      `${BASE}/v1/logs`,
      undefined,
    ],
    [
      "nowhere if that is by gRPC",
      { OTEL_EXPORTER_OTLP_ENDPOINT: BASE, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      undefined,
      undefined,
    ],
    [
      "nowhere for a variable that is empty",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "", CLEF_AGENT_TELEMETRY_URL: "" },
      undefined,
      undefined,
    ],
    [
      "nowhere for an address that is none",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      undefined,
      undefined,
    ],
  ] as const) {
    test(what, async () => {
      assert.deepEqual(await urlsOf(env), [logs, metrics]);
    });
  }
});

describe("what OpenTelemetry's variables say", () => {
  test("holds, by default, as its specification has it, but for JSON", async () => {
    const { url, ...rest } = await logsOf({ CLEF_AGENT_TELEMETRY_URL: CLEF });
    assert.equal(url.href, CLEF);
    assert.deepEqual(rest, {
      variable: "CLEF_AGENT_TELEMETRY_URL",
      encoding: "json",
      compression: "none",
      timeoutMs: 10_000,
      headers: {},
    });
    const { telemetry, resource } = await configOf({ CLEF_AGENT_TELEMETRY_URL: CLEF });
    assert.equal(telemetry?.metricIntervalMs, 60_000);
    assert.deepEqual(resource, {});
  });

  test("is for both signals unless one has its own", async () => {
    const telemetry = await telemetryOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: BASE,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_EXPORTER_OTLP_TIMEOUT: "2000",
      OTEL_EXPORTER_OTLP_HEADERS: "a=1,b=2",
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "HTTP/JSON",
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: "none",
      OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: "3000",
      OTEL_EXPORTER_OTLP_LOGS_HEADERS: "b=3",
      OTEL_METRIC_EXPORT_INTERVAL: "15000",
    });
    assert.equal(telemetry?.metricIntervalMs, 15_000);
    const of = (signal: SignalConfig | undefined): unknown[] => [
      signal?.encoding,
      signal?.compression,
      signal?.timeoutMs,
      signal?.headers,
    ];
    assert.deepEqual(of(telemetry.metrics), ["protobuf", "gzip", 2_000, { a: "1", b: "2" }]);
    assert.deepEqual(of(telemetry.logs), ["json", "none", 3_000, { a: "1", b: "3" }]);
  });

  for (const [where, env] of [
    ["sent", { CLEF_AGENT_TELEMETRY_URL: CLEF }],
    ["scraped", { CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0" }],
    ["scraped", { CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0", OTEL_SDK_DISABLED: "true" }],
  ] as const) {
    test(`adds attributes to the resource, percent-decoded, where it is ${where} with ${Object.keys(env).join()}`, async () => {
      const { resource, warnings } = await configOf({
        ...env,
        OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop, deployment.environment.name=a%2Cb",
        OTEL_SERVICE_NAME: "app",
      });
      assert.deepEqual(resource, {
        "service.namespace": "shop",
        "deployment.environment.name": "a,b",
      });
      assert.match(warnings.join("\n"), /^OTEL_SERVICE_NAME is ignored/m);
    });
  }
});

describe("headers given with an endpoint of OpenTelemetry", () => {
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=secret" };

  test("are not sent to another host", async () => {
    const env = { CLEF_AGENT_TELEMETRY_URL: CLEF, OTEL_EXPORTER_OTLP_ENDPOINT: BASE, ...headers };
    assert.deepEqual((await logsOf(env)).headers, {});
  });

  test("are sent to the same one, and anywhere if no endpoint came with them", async () => {
    const same = { CLEF_AGENT_TELEMETRY_URL: `${BASE}/v1/logs`, OTEL_EXPORTER_OTLP_ENDPOINT: BASE };
    for (const env of [same, { CLEF_AGENT_TELEMETRY_URL: CLEF }]) {
      assert.deepEqual((await logsOf({ ...env, ...headers })).headers, { "api-key": "secret" });
    }
  });
});

describe("what cannot be used is warned of, by name and without its value", () => {
  for (const [name, value] of [
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "http/xml-secret"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_EXPORTER_OTLP_COMPRESSION", "brotli-secret"],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s-secret"],
    ["OTEL_EXPORTER_OTLP_TIMEOUT", "0"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "just-a-secret"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "a b=secret"],
    ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "host:4318-secret"],
    ["OTEL_RESOURCE_ATTRIBUTES", "secret"],
    ["OTEL_METRIC_EXPORT_INTERVAL", "-secret"],
    ["OTEL_SDK_DISABLED", "yes-secret"],
    ["OTEL_LOGS_EXPORTER", "console-secret"],
    ["OTEL_SERVICE_NAME", "my-secret"],
    ["OTEL_EXPORTER_OTLP_CERTIFICATE", "/secret.pem"],
    ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta"],
  ] as const) {
    test(`${name}=${value}`, async () => {
      const warnings = await warningsOf({ CLEF_AGENT_TELEMETRY_URL: CLEF, [name]: value });
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.match(warnings[0] ?? "", new RegExp(name));
      assert.doesNotMatch(warnings[0] ?? "", /secret/);
      assert.notEqual(
        await telemetryOf({ CLEF_AGENT_TELEMETRY_URL: CLEF, [name]: value }),
        undefined,
      );
    });
  }

  test("a URL beside which nobody knows where metrics go", async () => {
    const warnings = await warningsOf({ CLEF_AGENT_TELEMETRY_URL: "https://x/logs" });
    assert.match(warnings.join("\n"), /OTEL_EXPORTER_OTLP_METRICS_ENDPOINT/);
  });

  test("a URL that is told to be silent", async () => {
    const warnings = await warningsOf({
      CLEF_AGENT_TELEMETRY_URL: CLEF,
      OTEL_SDK_DISABLED: "true",
    });
    assert.match(warnings.join("\n"), /OTEL_SDK_DISABLED is true/);
  });

  test("nothing, where nothing of it concerns the agent", async () => {
    const env = { OTEL_SERVICE_NAME: "app", OTEL_EXPORTER_OTLP_HEADERS: "nonsense" };
    assert.deepEqual(await warningsOf(env), []);
  });
});
