import type { Attributes } from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import { METRIC_HTTP_SERVER_REQUEST_DURATION } from "@opentelemetry/semantic-conventions";
import type { About } from "./about.ts";
import type { Collected, Point } from "./collect.ts";
import { type MetricName, METRICS } from "./metrics.ts";

/**
 * Metrics in the text format 0.0.4 of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format), under the names that they
 * have there when they come by OTLP
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus).
 * What else tells one agent from another is in `target_info`; `job` and `instance` are the scraper's.
 */
export function prometheusText(metrics: readonly Collected[], about: About): string {
  const lines = [
    ...head("target_info", "gauge", "What this agent is"),
    sample("target_info", labelsOf(about.attributes), 1),
  ];
  const own = labelsOf(about.labels);
  for (const metric of metrics) {
    const { kind, description } = METRICS[metric.name];
    const name = seriesName(metric.name);
    lines.push(...head(name, kind, description));
    if (metric.name === METRIC_HTTP_SERVER_REQUEST_DURATION) {
      for (const point of metric.points) lines.push(...histogram(name, own, point));
    } else {
      for (const { value, attributes } of metric.points) {
        lines.push(sample(name, [...own, ...labelsOf(attributes)], value));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

function seriesName(name: MetricName): string {
  const { kind, unit } = METRICS[name];
  // Units in braces are no units of Prometheus, and add nothing.
  return `${plain(name)}${unit === "s" ? "_seconds" : ""}${kind === "counter" ? "_total" : ""}`;
}

type Labels = readonly string[];

function histogram(
  name: string,
  own: Labels,
  { value, attributes }: Point<Histogram>,
): readonly string[] {
  const labels = [...own, ...labelsOf(attributes)];
  const { boundaries, counts } = value.buckets;
  let below = 0;
  const buckets = [...boundaries.map(String), "+Inf"].map((bound, index) => {
    below += counts[index] ?? 0;
    return sample(`${name}_bucket`, [...labels, label("le", bound)], below);
  });
  return [
    ...buckets,
    sample(`${name}_sum`, labels, value.sum ?? 0),
    sample(`${name}_count`, labels, value.count),
  ];
}

function head(name: string, kind: string, help: string): readonly [string, string] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`];
}

function sample(name: string, labels: Labels, value: number): string {
  return `${name}${labels.length === 0 ? "" : `{${labels.join(",")}}`} ${value}`;
}

/** Names that an operator chose may become one, whose value is all of theirs then. */
function labelsOf(attributes: Attributes): Labels {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(attributes)) {
    const before = values.get(plain(name));
    values.set(plain(name), before === undefined ? String(value) : `${before};${String(value)}`);
  }
  return [...values].map(([name, value]) => label(name, value));
}

function label(name: string, value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `${name}="${escaped}"`;
}

function plain(name: string): string {
  const text = name.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return /^\d/.test(text) ? `key_${text}` : text;
}
