interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type Plain = Readonly<Record<string, unknown>>;

/** An event as a collector sees it. */
export interface ExportedEvent {
  readonly name: unknown;
  /** The field of that name, which newer collectors and backends tell events by. */
  readonly eventName: string | undefined;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly attributes: Plain;
  readonly resource: Plain;
  readonly scope: string;
  /** Unix milliseconds. */
  readonly atMs: number;
}

export interface ExportedPoint {
  readonly attributes: Plain;
  /** A number, or the count of a histogram. */
  readonly value: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
}

export interface ExportedMetric {
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram";
  readonly monotonic: boolean;
  readonly points: readonly ExportedPoint[];
  readonly resource: Plain;
}

interface LogRecord {
  readonly eventName?: string;
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: KeyValue["value"];
  readonly attributes: readonly KeyValue[];
}

interface LogsRequest {
  readonly resourceLogs: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeLogs: readonly {
      readonly scope: { readonly name: string };
      readonly logRecords: readonly LogRecord[];
    }[];
  }[];
}

/** The events in a request that was found valid. */
export function eventsIn(message: unknown): ExportedEvent[] {
  return (message as LogsRequest).resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ scope, logRecords }) =>
      logRecords.map((record) => ({
        name: plainValue(record.body),
        eventName: record.eventName,
        severityNumber: record.severityNumber,
        severityText: record.severityText,
        attributes: plain(record.attributes),
        resource: plain(resource.attributes),
        scope: scope.name,
        atMs: Number(BigInt(record.timeUnixNano) / 1_000_000n),
      })),
    ),
  );
}

interface Point {
  readonly attributes?: readonly KeyValue[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly count?: string | number;
  readonly sum?: number;
  readonly bucketCounts?: readonly (string | number)[];
  readonly explicitBounds?: readonly number[];
}

interface MetricsRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: string;
        readonly gauge?: { readonly dataPoints: readonly Point[] };
        readonly sum?: { readonly dataPoints: readonly Point[]; readonly isMonotonic?: boolean };
        readonly histogram?: { readonly dataPoints: readonly Point[] };
      }[];
    }[];
  }[];
}

/** The metrics in a request that was found valid, by name. */
export function metricsIn(message: unknown): [string, ExportedMetric][] {
  return (message as MetricsRequest).resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ name, unit, gauge, sum, histogram }): [string, ExportedMetric] => {
        const kind = gauge !== undefined ? "gauge" : sum !== undefined ? "sum" : "histogram";
        const { dataPoints } = gauge ?? sum ?? histogram ?? { dataPoints: [] };
        const points = dataPoints.map(pointOf);
        const monotonic = sum?.isMonotonic === true;
        return [name, { unit, kind, monotonic, points, resource: plain(resource.attributes) }];
      }),
    ),
  );
}

function pointOf(point: Point): ExportedPoint {
  return {
    attributes: plain(point.attributes ?? []),
    value: Number(point.asInt ?? point.asDouble ?? point.count),
    sum: point.sum ?? 0,
    bucketCounts: (point.bucketCounts ?? []).map(Number),
    explicitBounds: point.explicitBounds ?? [],
  };
}

function plain(attributes: readonly KeyValue[]): Plain {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: KeyValue["value"]): unknown {
  const [kind, inner] = Object.entries(value)[0] ?? [];
  return kind === "intValue" ? Number(inner) : inner;
}
