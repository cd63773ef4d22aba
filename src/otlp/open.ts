import type { TelemetryConfig } from "../config/telemetry.ts";
import type { Change } from "../refresh/changes.ts";
import type { Network } from "../net/network.ts";
import type { Clock } from "../system/clock.ts";
import { ENDS } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import { collect, type Facts, type Meters } from "./collect.ts";
import { Credentials, type UseSecrets } from "./credentials.ts";
import { DropCounter } from "./drops.ts";
import { encodeLogs, encodeMetrics, rejectedLogs, rejectedPoints } from "./encoding.ts";
import { LogExporter } from "./log-exporter.ts";
import { FilesMeter } from "./files-meter.ts";
import { hrTime, toLogRecord } from "./log-records.ts";
import { MetricExporter } from "./metric-exporter.ts";
import { RefreshMeter } from "./refresh-meter.ts";
import { RequestMeter } from "./request-meter.ts";
import { type Resource, resourceOf, type Subject } from "./resource.ts";
import { Sender } from "./sender.ts";
import type { Telemetry } from "./telemetry.ts";

export interface TelemetryOptions {
  readonly network: Network;
  readonly config: TelemetryConfig;
  /** Whom it is about; what is not known yet is taken from the first artifact. */
  readonly subject: Subject;
  readonly facts: () => Facts;
  readonly useSecrets: UseSecrets;
  /** Whether the collector's headers may be kept between requests. */
  readonly keepHeaders: boolean;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** Telemetry by OTLP/HTTP (contract, section 6): events as logs, and metrics. */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const { config, network, clock, random, log } = options;
  const startedAt = clock.now();
  const warn = (problem: string): void => log.warn(`telemetry: ${problem}`);
  const credentials = new Credentials({
    useSecrets: options.useSecrets,
    keep: options.keepHeaders,
    clock,
    warn,
  });
  const requests = new RequestMeter(() => clock.now().monoMs);
  const refreshes = new RefreshMeter();
  const drops = { logs: new DropCounter(), metrics: new DropCounter() };
  const diskCache = { restores: 0 };
  const droppedConnections = { unproven: 0, idle: 0, refused: 0 };
  const files = new FilesMeter();
  const meters: Meters = { requests, refreshes, drops, diskCache, droppedConnections, files };
  let subject = options.subject;
  let resource = resourceOf(subject, config.resource);
  const shared = { credentials, network, clock, random, log };
  const logs = openLogs();
  const metrics = openMetrics();

  return {
    event(event) {
      files.count(event);
      // The collector should hear of these at once.
      const urgent = ENDS.has(event.name);
      logs?.exporter.push({ event, atMs: clock.now().wallMs }, urgent);
    },
    observe: (handler) => requests.observe(handler),
    attempted: (outcome) => refreshes.count(outcome),
    changed(change) {
      if (change.kind === "serving") serving(change);
      if (change.kind === "ended") credentials.ended();
    },
    connectionDropped: (reason) => droppedConnections[reason]++,
    async stop(budgetMs) {
      const { monoMs } = clock.now();
      const senders = [logs, metrics].flatMap((one) => (one === undefined ? [] : [one.sender]));
      const patience = ({ sender }: { readonly sender: Sender }): number =>
        senders
          .filter(({ origin }) => origin === sender.origin)
          .reduce((least, { health }) => Math.min(least, health.patienceMs(monoMs)), budgetMs);
      const [left = 0] = await Promise.all([
        logs?.exporter.stop(patience(logs)),
        metrics?.exporter.stop(patience(metrics)),
      ]);
      credentials.wipe();
      if (left > 0) warn(`${left} events could not be delivered before the end`);
    },
  };

  function serving(change: Extract<Change, { kind: "serving" }>): void {
    if (change.from === "disk_cache") diskCache.restores++;
    subject = withPackedFor(subject, change);
    resource = resourceOf(subject, config.resource);
    const send = (): void => {
      logs?.exporter.secretsRenewed();
      metrics?.exporter.secretsRenewed();
    };
    credentials.renewed().then(send, send);
  }

  function openLogs(): { readonly sender: Sender; readonly exporter: LogExporter } | undefined {
    if (config.logs === undefined) return undefined;
    const { encoding } = config.logs;
    const sender = new Sender({ ...shared, signal: "logs", config: config.logs });
    const exporter = new LogExporter({
      sender,
      encode: (events) =>
        encodeLogs(
          encoding,
          events.map((event) => toLogRecord(event, resource, (text) => log.redact(text))),
        ),
      rejected: (answer) => rejectedLogs(encoding, answer),
      drops: drops.logs,
      clock,
    });
    return { sender, exporter };
  }

  function openMetrics():
    { readonly sender: Sender; readonly exporter: MetricExporter } | undefined {
    if (config.metrics === undefined) return undefined;
    const { encoding } = config.metrics;
    const sender = new Sender({ ...shared, signal: "metrics", config: config.metrics });
    const exporter = new MetricExporter({
      sender,
      intervalMs: config.metricIntervalMs,
      encode: () => encodeNow(encoding, resource),
      rejected: (answer) => rejectedPoints(encoding, answer),
      drops: drops.metrics,
      clock,
      random,
    });
    return { sender, exporter };
  }

  function encodeNow(
    encoding: "json" | "protobuf",
    about: Resource,
  ): { readonly body: Uint8Array | undefined; readonly points: number } {
    const period = { start: hrTime(startedAt.wallMs), end: hrTime(clock.now().wallMs) };
    const values = collect(options.facts(), meters, period);
    return {
      body: encodeMetrics(encoding, about, values),
      points: values.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0),
    };
  }
}

/** Where the configuration does not say whom the secrets are for, the artifact does. */
function withPackedFor(
  subject: Subject,
  packedFor: { readonly identity: string; readonly environment: string },
): Subject {
  return {
    ...subject,
    identity: subject.identity ?? packedFor.identity,
    environment: subject.environment ?? packedFor.environment,
  };
}
