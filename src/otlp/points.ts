import { type HrTime, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import { METRIC_HTTP_SERVER_REQUEST_DURATION } from "@opentelemetry/semantic-conventions";
import type { Collected, Point } from "./collect.ts";
import { type MetricName, METRICS } from "./metrics.ts";

/** From the agent's start to now: everything is cumulative. */
export interface Period {
  readonly start: HrTime;
  readonly end: HrTime;
}

/** A metric as OpenTelemetry's exporters take it. */
export function metricData(collected: Collected, period: Period): MetricData {
  if (collected.name === METRIC_HTTP_SERVER_REQUEST_DURATION) {
    const dataPoints = dated(collected.points, period);
    return { ...common(collected.name), dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = dated(collected.points, period);
  return METRICS[collected.name].kind === "counter"
    ? {
        ...common(collected.name),
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints,
      }
    : { ...common(collected.name), dataPointType: DataPointType.GAUGE, dataPoints };
}

function common(name: MetricName): Pick<MetricData, "descriptor" | "aggregationTemporality"> {
  const { unit, description } = METRICS[name];
  const valueType = unit === "s" ? ValueType.DOUBLE : ValueType.INT;
  return {
    descriptor: { name, unit, description, valueType },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function dated<Value>(points: readonly Point<Value>[], period: Period): DataPoint<Value>[] {
  return points.map((point) => ({ ...point, startTime: period.start, endTime: period.end }));
}
