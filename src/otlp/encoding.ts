import type { MetricData } from "@opentelemetry/sdk-metrics";
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
} from "@opentelemetry/otlp-transformer";
import type { SignalConfig } from "../config/telemetry.ts";
import type { LogRecord } from "./log-records.ts";
import { type Resource, SCOPE } from "./resource.ts";

type Encoding = SignalConfig["encoding"];

export const CONTENT_TYPES: Readonly<Record<Encoding, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
};

const LOGS = { json: JsonLogsSerializer, protobuf: ProtobufLogsSerializer } as const;
const METRICS = { json: JsonMetricsSerializer, protobuf: ProtobufMetricsSerializer } as const;

export function encodeLogs(encoding: Encoding, records: LogRecord[]): Uint8Array | undefined {
  return LOGS[encoding].serializeRequest(records);
}

export function encodeMetrics(
  encoding: Encoding,
  resource: Resource,
  metrics: MetricData[],
): Uint8Array | undefined {
  return METRICS[encoding].serializeRequest({
    resource,
    scopeMetrics: [{ scope: SCOPE, metrics }],
  });
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
