import type { MetricData } from "@opentelemetry/sdk-metrics";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from "@opentelemetry/otlp-transformer";
import type { SignalConfig } from "../config/telemetry-signal.ts";
import type { LogRecord } from "./log-records.ts";
import { type Resource, SCOPE } from "./resource.ts";

type Encoding = SignalConfig["encoding"];

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
};

/** Members of OTLP's messages that are integers of 64 bits. */
const INT64: ReadonlySet<string> = new Set(["intValue", "asInt", "count"]);

/**
 * Integers of 64 bits are strings in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding);
 * the library writes them as numbers, which not every collector takes. Attributes are lists of keys
 * and values, so no name in them is taken for one of these.
 */
function withInt64AsText(body: Uint8Array | undefined): Uint8Array | undefined {
  if (body === undefined) return undefined;
  const request: unknown = JSON.parse(
    Buffer.from(body).toString("utf8"),
    (name, value: unknown) => {
      if (name === "bucketCounts" && Array.isArray(value)) return value.map(String);
      return typeof value === "number" && INT64.has(name) ? String(value) : value;
    },
  );
  return Buffer.from(JSON.stringify(request));
}

const LOGS = { json: JsonLogsSerializer, protobuf: ProtobufLogsSerializer } as const;
const METRICS = { json: JsonMetricsSerializer, protobuf: ProtobufMetricsSerializer } as const;

export function encodeLogs(encoding: Encoding, records: LogRecord[]): Uint8Array | undefined {
  const body = LOGS[encoding].serializeRequest(records);
  return encoding === "json" ? withInt64AsText(body) : body;
}

export function encodeMetrics(
  encoding: Encoding,
  resource: Resource,
  metrics: MetricData[],
): Uint8Array | undefined {
  const body = METRICS[encoding].serializeRequest({
    resource,
    scopeMetrics: [{ scope: SCOPE, metrics }],
  });
  return encoding === "json" ? withInt64AsText(body) : body;
}

/** How many records a collector that took a request did not take, by its answer. */
export function rejectedLogs(encoding: Encoding, answer: Uint8Array): number {
  return lenient(
    () => LOGS[encoding].deserializeResponse(answer).partialSuccess?.rejectedLogRecords,
  );
}

/** How many data points a collector that took a request did not take, by its answer. */
export function rejectedPoints(encoding: Encoding, answer: Uint8Array): number {
  return lenient(
    () => METRICS[encoding].deserializeResponse(answer).partialSuccess?.rejectedDataPoints,
  );
}

/** Many collectors answer with something else; then nothing is known to be rejected. */
function lenient(read: () => unknown): number {
  try {
    const count = Number(read() ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
