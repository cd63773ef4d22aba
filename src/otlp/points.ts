import { type Attributes, type HrTime, ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type MetricName,
  METRICS,
} from "./metrics.ts";

/** One value of a metric. */
export interface Point<Value> {
  readonly value: Value;
  readonly attributes: Attributes;
}

/** From the agent's start to now: everything is cumulative. */
export interface Period {
  readonly start: HrTime;
  readonly end: HrTime;
}

export function gauge(
  name: GaugeName,
  points: readonly Point<number>[],
  period: Period,
): MetricData {
  return { ...common(name), dataPointType: DataPointType.GAUGE, dataPoints: dated(points, period) };
}

export function counter(
  name: CounterName,
  points: readonly Point<number>[],
  period: Period,
): MetricData {
  return {
    ...common(name),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: dated(points, period),
  };
}

export function histogram(
  name: HistogramName,
  points: readonly Point<Histogram>[],
  period: Period,
): MetricData {
  return {
    ...common(name),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: dated(points, period),
  };
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
