import { parser } from "@prometheus-io/lezer-promql";
import { type MetricDefinition, METRICS } from "../../src/otlp/metrics.ts";

/** Names of the series that Prometheus makes of a metric of OpenTelemetry (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/). */
function seriesOf(name: string, { kind, unit }: MetricDefinition): readonly string[] {
  const base = `${name.replaceAll(/[^a-z0-9]/g, "_")}${unit === "s" ? "_seconds" : ""}`;
  switch (kind) {
    case "gauge":
      return [base];
    case "counter":
      return [`${base}_total`];
    case "histogram":
      return [`${base}_bucket`, `${base}_count`, `${base}_sum`];
  }
}

/** The labels that each series can have. */
export const SERIES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(METRICS).flatMap(([name, metric]) => {
    const labels = [...metric.attributes, "clef.identity", "clef.environment", "job", "instance"];
    const names = labels.map((label) => label.replaceAll(".", "_"));
    return seriesOf(name, metric).map((series) => [
      series,
      new Set(series.endsWith("_bucket") ? [...names, "le"] : names),
    ]);
  }),
);

/** What is wrong with a query: its syntax, or series and labels that the agent does not have. */
export function problemsOfQuery(query: string): readonly string[] {
  const series: string[] = [];
  const labels: string[] = [];
  const problems: string[] = [];
  parser.parse(query).iterate({
    enter({ type, from, to }) {
      const text = query.slice(from, to);
      if (type.isError) problems.push(`it does not parse at ${from}: ${query}`);
      if (type.name === "Identifier") series.push(text);
      if (type.name === "LabelName") labels.push(text);
    },
  });
  if (series.length === 0) problems.push(`it asks for no series: ${query}`);
  for (const name of series) if (!SERIES.has(name)) problems.push(`${name} is no series`);
  for (const label of labels) {
    const known = series.some((name) => SERIES.get(name)?.has(label) === true);
    if (!known) problems.push(`${label} is no label in ${query}`);
  }
  return problems;
}
