import { METRIC_INTERVAL_MS } from "../limits.ts";
import { parsePairs } from "../net/pairs.ts";
import { OtelReader } from "./otel-reader.ts";
import { CLEF_URL, readSignal, type SignalConfig } from "./telemetry-signal.ts";

export interface TelemetryConfig {
  readonly logs: SignalConfig | undefined;
  readonly metrics: SignalConfig | undefined;
  readonly metricIntervalMs: number;
}

/** Attributes that the operator adds to the resource, from `OTEL_RESOURCE_ATTRIBUTES`. */
export type AddedAttributes = Readonly<Record<string, string>>;

export interface ReadTelemetry {
  /** Undefined where none is to be sent. */
  readonly telemetry: TelemetryConfig | undefined;
  /** Empty where nobody would see it. */
  readonly resource: AddedAttributes;
  /** They hold no values. */
  readonly warnings: readonly string[];
}

/**
 * Where telemetry goes: to `CLEF_AGENT_TELEMETRY_URL`, else where the variables of OpenTelemetry say.
 * What is wrong with one of those is a warning and never an error, as they are often set for every
 * process of a machine and must not keep the secrets from one of them
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @param isScraped - whether metrics can be scraped: they tell of the resource, whatever is sent.
 */
export function readTelemetry(
  env: Readonly<Record<string, string | undefined>>,
  clefUrl: URL | undefined,
  isScraped: boolean,
): ReadTelemetry {
  const reader = new OtelReader(env);
  const disabled = reader.boolean("OTEL_SDK_DISABLED");
  if (disabled && clefUrl !== undefined) {
    reader.warn(`OTEL_SDK_DISABLED is true, so nothing is sent to ${CLEF_URL}`);
  }
  const logs = disabled ? undefined : readSignal(reader, "logs", clefUrl);
  const metrics = disabled ? undefined : readSignal(reader, "metrics", clefUrl);
  if (logs === undefined && metrics === undefined) {
    const resource = isScraped ? readResource(reader) : {};
    return { telemetry: undefined, resource, warnings: reader.warnings };
  }
  warnOfTheUnsupported(reader);
  const telemetry = {
    logs,
    metrics,
    metricIntervalMs:
      reader.positive("OTEL_METRIC_EXPORT_INTERVAL", "milliseconds") ?? METRIC_INTERVAL_MS,
  };
  return { telemetry, resource: readResource(reader), warnings: reader.warnings };
}

function readResource(reader: OtelReader): AddedAttributes {
  const name = "OTEL_RESOURCE_ATTRIBUTES";
  const text = reader.text(name);
  if (reader.text("OTEL_SERVICE_NAME") !== undefined) {
    reader.warn(
      "OTEL_SERVICE_NAME is ignored: the service is always clef-agent; tell agents apart with service.namespace or deployment.environment.name in OTEL_RESOURCE_ATTRIBUTES",
    );
  }
  if (text === undefined) return {};
  const pairs = parsePairs(text);
  if (pairs !== undefined) return Object.fromEntries(pairs);
  reader.warn(`${name} is ignored: it is not a list of key=value, separated by commas`);
  return {};
}

function warnOfTheUnsupported(reader: OtelReader): void {
  const files = ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"]
    .map((what) => `OTEL_EXPORTER_OTLP_${what}`)
    .filter((name) => reader.text(name) !== undefined);
  if (files.length > 0) {
    reader.warn(
      `${files.join(", ")}: ignored; CLEF_AGENT_CA_FILE names further certificates to trust`,
    );
  }
  const name = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
  if ((reader.text(name) ?? "cumulative").toLowerCase() !== "cumulative") {
    reader.warn(`${name}: this agent sends cumulative metrics only`);
  }
}
