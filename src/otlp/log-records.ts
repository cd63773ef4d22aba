import { type HrTime, SeverityNumber } from "@opentelemetry/api";
import type { JsonLogsSerializer } from "@opentelemetry/otlp-transformer";
import { type AgentEvent, SEVERITY, type Severity } from "../telemetry/events.ts";
import { type Resource, SCOPE } from "./resource.ts";

/** An event and when it happened, in Unix milliseconds. */
export interface TimedEvent {
  readonly event: AgentEvent;
  readonly atMs: number;
}

export type LogRecord = Parameters<(typeof JsonLogsSerializer)["serializeRequest"]>[0][number];

/** An event as an OTLP log record (contract, section 6); `clean` goes over every text in it. */
export function toLogRecord(
  { event, atMs }: TimedEvent,
  resource: Resource,
  clean: (text: string) => string,
): LogRecord {
  const severity = SEVERITY[event.name];
  const at = hrTime(atMs);
  return {
    hrTime: at,
    hrTimeObserved: at,
    severityNumber: SEVERITY_NUMBERS[severity],
    severityText: severity,
    eventName: `clef.${event.name}`,
    body: event.name,
    attributes: attributesOf(event, clean),
    droppedAttributesCount: 0,
    resource,
    instrumentationScope: SCOPE,
  };
}

/** The seconds and the nanoseconds of a Unix time in milliseconds. */
export function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}

function attributesOf(
  event: AgentEvent,
  clean: (text: string) => string,
): Record<string, string | number | boolean> {
  const attributes: Record<string, string | number | boolean> = {
    "event.name": `clef.${event.name}`,
  };
  for (const [field, value] of Object.entries(event)) {
    // `code` is for the log: the contract names the fields that are sent, and metrics have it.
    if (field === "name" || field === "code" || value === undefined) continue;
    attributes[`clef.${field}`] = typeof value === "string" ? clean(value) : value;
  }
  return attributes;
}

const SEVERITY_NUMBERS: Readonly<Record<Severity, SeverityNumber>> = {
  INFO: SeverityNumber.INFO,
  WARN: SeverityNumber.WARN,
  ERROR: SeverityNumber.ERROR,
};
