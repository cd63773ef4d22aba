import type { Attributes } from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
  METRIC_HTTP_SERVER_REQUEST_DURATION,
} from "@opentelemetry/semantic-conventions";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Freshness } from "../freshness/freshness.ts";
import type { Status } from "../refresh/status.ts";
import type { Dropped } from "../server/connection-policy.ts";
import type { RouteTemplate } from "../server/route.ts";
import type { CommandMeter } from "./command-meter.ts";
import type { DropCounter } from "./drops.ts";
import { type FilesMeter, FILES_STATES } from "./files-meter.ts";
import type { CounterName, GaugeName, HistogramName } from "./metrics.ts";
import type { RefreshMeter, RefreshSeries } from "./refresh-meter.ts";
import { DURATION_BOUNDS, type RequestMeter, type RequestSeries } from "./request-meter.ts";

/** What is so at the moment of an export. */
export interface Facts {
  readonly status: Status;
  /** Infinite where nothing expires by itself. */
  readonly untilExpiryMs: number;
  readonly diskCacheHoldsArtifact: boolean;
  /** How often the disk cache could not be read or written. */
  readonly diskCacheFailures: number;
  /** Undefined where secrets are not written as files. */
  readonly files: FilesStatus | undefined;
}

/** What was counted since the start. */
export interface Meters {
  readonly requests: RequestMeter;
  readonly refreshes: RefreshMeter;
  readonly drops: Readonly<Record<"logs" | "metrics", DropCounter>>;
  readonly diskCache: { readonly restores: number };
  readonly droppedConnections: Readonly<Record<Dropped, number>>;
  readonly files: FilesMeter;
  readonly commands: CommandMeter;
}

/** One value of a metric. */
export interface Point<Value> {
  readonly value: Value;
  readonly attributes: Attributes;
}

/** A metric with its values, of which there is at least one. */
export type Collected =
  | { readonly name: GaugeName | CounterName; readonly points: readonly Point<number>[] }
  | { readonly name: HistogramName; readonly points: readonly Point<Histogram>[] };

/** Every metric that has a value now. */
export function collect(facts: Facts, meters: Meters): readonly Collected[] {
  const { status, untilExpiryMs } = facts;
  const requests = [...meters.requests.series];
  const gauges: [GaugeName, Point<number>[]][] = [
    ["clef.secrets.age", status.ageSeconds === null ? [] : [plain(status.ageSeconds)]],
    [
      "clef.secrets.time_to_expiry",
      Number.isFinite(untilExpiryMs) ? [plain(Math.max(0, untilExpiryMs / 1000))] : [],
    ],
    ["clef.secrets.state", STATES.map((state) => statePoint(state, status.freshness))],
    ["clef.refresh.consecutive_failures", [plain(status.consecutiveFailures)]],
    ["clef.disk_cache.artifacts", [plain(facts.diskCacheHoldsArtifact ? 1 : 0)]],
    ["clef.files.state", filesStatePoints(facts.files)],
  ];
  const counters: [CounterName, Point<number>[]][] = [
    ["clef.secrets.reads", [plain(sumOf(requests.filter(isRead)))]],
    ["clef.refresh.attempts", [...meters.refreshes.series].map(refreshPoint)],
    [
      "clef.requests.unauthorized",
      [plain(sumOf(requests.filter(({ status: answered }) => answered === 401)))],
    ],
    ["clef.connections.dropped", Object.entries(meters.droppedConnections).map(connectionPoint)],
    ["clef.disk_cache.restores", [plain(meters.diskCache.restores)]],
    ["clef.disk_cache.errors", [plain(facts.diskCacheFailures)]],
    ...(facts.files === undefined ? [] : filesCounters(meters.files)),
    ...meters.commands.counters,
    ["clef.telemetry.dropped", dropPoints(meters.drops)],
  ];
  const all: readonly Collected[] = [
    ...[...gauges, ...counters].map(([name, points]) => ({ name, points })),
    { name: METRIC_HTTP_SERVER_REQUEST_DURATION, points: requests.map(requestPoint) },
  ];
  return all.filter(({ points }) => points.length > 0);
}

const STATES: readonly Freshness["kind"][] = [
  "not_loaded",
  "fresh",
  "cache_expired",
  "artifact_expired",
  "revoked",
];

function plain(value: number): Point<number> {
  return { value, attributes: {} };
}

function statePoint(state: Freshness["kind"], now: Freshness["kind"]): Point<number> {
  return { value: state === now ? 1 : 0, attributes: { "clef.state": state } };
}

function filesStatePoints(files: FilesStatus | undefined): Point<number>[] {
  if (files === undefined) return [];
  return FILES_STATES.map((state) => ({
    value: state === files.health.state ? 1 : 0,
    attributes: { "clef.files.state": state },
  }));
}

function filesCounters(files: FilesMeter): [CounterName, Point<number>[]][] {
  const failures = [...files.failures].map(([code, value]) => ({
    value,
    attributes: { [ATTR_ERROR_TYPE]: code },
  }));
  const removed = Object.entries(files.removed).map(([reason, value]) => ({
    value,
    attributes: { "clef.files.reason": reason },
  }));
  return [
    ["clef.files.written", [plain(files.written)]],
    ["clef.files.failures", failures],
    ["clef.files.removed", removed],
  ];
}

function refreshPoint({ outcome, code, count }: RefreshSeries): Point<number> {
  return {
    value: count,
    attributes: {
      // What was staged has been swapped in by the time it is counted.
      "clef.refresh.outcome": outcome === "staged" ? "accepted" : outcome,
      ...(code === undefined ? {} : { [ATTR_ERROR_TYPE]: code }),
    },
  };
}

function requestPoint(series: RequestSeries): Point<Histogram> {
  const { method, route, status, counts, count, sum, min, max } = series;
  return {
    value: { buckets: { boundaries: [...DURATION_BOUNDS], counts }, count, sum, min, max },
    attributes: {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: "http",
      ...(route === undefined ? {} : { [ATTR_HTTP_ROUTE]: route }),
      [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      ...(status < 500 ? {} : { [ATTR_ERROR_TYPE]: String(status) }),
    },
  };
}

function connectionPoint([reason, value]: readonly [string, number]): Point<number> {
  return { value, attributes: { "clef.connection.reason": reason } };
}

function dropPoints(drops: Meters["drops"]): Point<number>[] {
  return (["logs", "metrics"] as const).flatMap((signal) =>
    [...drops[signal].counts].map(([reason, value]) => ({
      value,
      attributes: { "clef.telemetry.signal": signal, "clef.telemetry.reason": reason },
    })),
  );
}

/** Whether these requests got something of the secrets, or the news that they have not changed. */
function isRead({ route, status }: RequestSeries): boolean {
  return route !== undefined && READING.has(route) && (status === 200 || status === 304);
}

const READING: ReadonlySet<RouteTemplate> = new Set([
  "/v1/keys",
  "/v1/secrets",
  "/v1/secrets/:key",
  "/v1/secrets/:namespace/:key",
]);

function sumOf(series: readonly RequestSeries[]): number {
  return series.reduce((sum, { count }) => sum + count, 0);
}
