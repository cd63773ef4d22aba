import type { TelemetryConfig } from "../config/telemetry.ts";
import type { Change } from "../refresh/changes.ts";
import type { Network } from "../net/network.ts";
import type { Clock } from "../system/clock.ts";
import { type AgentEvent, ENDS } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import type { About } from "./about.ts";
import { Credentials, type UseSecrets } from "./credentials.ts";
import { encodeLogs, encodeMetrics, rejectedLogs, rejectedPoints } from "./encoding.ts";
import { LogExporter } from "./log-exporter.ts";
import { hrTime, toLogRecord } from "./log-records.ts";
import { MetricExporter } from "./metric-exporter.ts";
import type { Instruments } from "./instruments.ts";
import { metricData } from "./points.ts";
import { type Resource, resourceOf } from "./resource.ts";
import { Sender } from "./sender.ts";

export interface ExportingOptions {
  readonly network: Network;
  readonly config: TelemetryConfig;
  readonly about: About;
  readonly instruments: Instruments;
  readonly useSecrets: UseSecrets;
  /** Whether the collector's headers may be kept between requests. */
  readonly keepHeaders: boolean;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** What sends telemetry, and hears what it tells of. Nothing here waits, throws or rejects. */
export interface Exporting {
  event(event: AgentEvent): void;
  /** What is served has changed, and what it is about is known. */
  changed(change: Change): void;
  /** Sends what is left, within `budgetMs` milliseconds, and forgets the headers. */
  stop(budgetMs: number): Promise<void>;
}

/** Telemetry by OTLP/HTTP (contract, section 6): events as logs, and metrics. */
export function openExporting(options: ExportingOptions): Exporting {
  const { config, network, clock, random, log } = options;
  const startedAt = clock.now();
  const warn = (problem: string): void => log.warn(`telemetry: ${problem}`);
  const credentials = new Credentials({
    useSecrets: options.useSecrets,
    keep: options.keepHeaders,
    clock,
    warn,
  });
  const { about, instruments } = options;
  const { drops } = instruments;
  let resource = resourceOf(about);
  const shared = { credentials, network, clock, random, log };
  const logs = openLogs();
  const metrics = openMetrics();

  return {
    event(event) {
      // The collector should hear of these at once.
      const urgent = ENDS.has(event.name);
      logs?.exporter.push({ event, atMs: clock.now().wallMs }, urgent);
    },
    changed(change) {
      if (change.kind === "serving") serving();
      if (change.kind === "ended") credentials.ended();
    },
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

  function serving(): void {
    resource = resourceOf(about);
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
    from: Resource,
  ): { readonly body: Uint8Array | undefined; readonly points: number } {
    const period = { start: hrTime(startedAt.wallMs), end: hrTime(clock.now().wallMs) };
    const values = instruments.collect().map((collected) => metricData(collected, period));
    return {
      body: encodeMetrics(encoding, from, values),
      points: values.reduce((sum, { dataPoints }) => sum + dataPoints.length, 0),
    };
  }
}
