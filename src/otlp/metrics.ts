import { METRIC_HTTP_SERVER_REQUEST_DURATION } from "@opentelemetry/semantic-conventions";

export type GaugeName =
  | "clef.secrets.age"
  | "clef.secrets.time_to_expiry"
  | "clef.secrets.state"
  | "clef.refresh.consecutive_failures"
  | "clef.disk_cache.artifacts"
  | "clef.files.state";

export type CounterName =
  | "clef.secrets.reads"
  | "clef.refresh.attempts"
  | "clef.requests.unauthorized"
  | "clef.connections.dropped"
  | "clef.disk_cache.restores"
  | "clef.disk_cache.errors"
  | "clef.files.written"
  | "clef.files.failures"
  | "clef.files.removed"
  | "clef.command.starts"
  | "clef.command.restarts"
  | "clef.command.stops"
  | "clef.telemetry.dropped";

export type HistogramName = typeof METRIC_HTTP_SERVER_REQUEST_DURATION;

export type MetricName = GaugeName | CounterName | HistogramName;

export interface MetricDefinition {
  readonly kind: "gauge" | "counter" | "histogram";
  /** In UCUM, as OpenTelemetry writes units. */
  readonly unit: string;
  readonly description: string;
  /** Names of the attributes of its points. */
  readonly attributes: readonly string[];
}

/**
 * Every metric that is sent. What the semantic conventions have a name for goes by that name, the rest
 * is under `clef.` (https://opentelemetry.io/docs/specs/semconv/general/metrics/).
 */
export const METRICS: Readonly<Record<MetricName, MetricDefinition>> = {
  "clef.secrets.age": {
    kind: "gauge",
    unit: "s",
    description: "Time since the last successful refresh",
    attributes: [],
  },
  "clef.secrets.time_to_expiry": {
    kind: "gauge",
    unit: "s",
    description: "Time until the artifact that is served expires by its own date",
    attributes: [],
  },
  "clef.secrets.state": {
    kind: "gauge",
    unit: "{state}",
    description: "1 for the state that the secrets are in, 0 for every other",
    attributes: ["clef.state"],
  },
  "clef.secrets.reads": {
    kind: "counter",
    unit: "{request}",
    description: "Requests that were answered from the secrets",
    attributes: [],
  },
  "clef.refresh.attempts": {
    kind: "counter",
    unit: "{attempt}",
    description: "Attempts to refresh, by how they ended",
    attributes: ["clef.refresh.outcome", "error.type"],
  },
  "clef.refresh.consecutive_failures": {
    kind: "gauge",
    unit: "{attempt}",
    description: "Attempts that failed since the last one that did not",
    attributes: [],
  },
  [METRIC_HTTP_SERVER_REQUEST_DURATION]: {
    kind: "histogram",
    unit: "s",
    description:
      "Time from a request to its answer, without a wait for a change that its client wished",
    attributes: [
      "http.request.method",
      "url.scheme",
      "http.route",
      "http.response.status_code",
      "error.type",
    ],
  },
  "clef.requests.unauthorized": {
    kind: "counter",
    unit: "{request}",
    description: "Requests without the right token",
    attributes: [],
  },
  "clef.connections.dropped": {
    kind: "counter",
    unit: "{connection}",
    description: "Connections that were closed because there were too many",
    attributes: ["clef.connection.reason"],
  },
  "clef.disk_cache.artifacts": {
    kind: "gauge",
    unit: "{artifact}",
    description: "Artifacts in the disk cache, 1 or 0",
    attributes: [],
  },
  "clef.disk_cache.restores": {
    kind: "counter",
    unit: "{artifact}",
    description: "Artifacts that were served from the disk cache",
    attributes: [],
  },
  "clef.disk_cache.errors": {
    kind: "counter",
    unit: "{error}",
    description: "Troubles with the disk cache",
    attributes: [],
  },
  "clef.files.state": {
    kind: "gauge",
    unit: "{state}",
    description: "1 for the state that the files are in, 0 for every other",
    attributes: ["clef.files.state"],
  },
  "clef.files.written": {
    kind: "counter",
    unit: "{set}",
    description: "Sets of files that took the place of the one before",
    attributes: [],
  },
  "clef.files.failures": {
    kind: "counter",
    unit: "{failure}",
    description: "Times that files began to fail, by why",
    attributes: ["error.type"],
  },
  "clef.files.removed": {
    kind: "counter",
    unit: "{set}",
    description: "Sets of files that were removed, by why",
    attributes: ["clef.files.reason"],
  },
  "clef.command.starts": {
    kind: "counter",
    unit: "{start}",
    description: "First starts of the command of exec, 1 or 0",
    attributes: [],
  },
  "clef.command.restarts": {
    kind: "counter",
    unit: "{restart}",
    description: "Restarts of the command of exec, because its secrets had changed",
    attributes: [],
  },
  "clef.command.stops": {
    kind: "counter",
    unit: "{stop}",
    description: "Ends of the command of exec, by what led to them",
    attributes: ["clef.command.reason"],
  },
  "clef.telemetry.dropped": {
    kind: "counter",
    unit: "{record}",
    description: "Events and data points that were not delivered and never will be",
    attributes: ["clef.telemetry.signal", "clef.telemetry.reason"],
  },
};
