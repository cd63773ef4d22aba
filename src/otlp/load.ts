import type { AddedAttributes, TelemetryConfig } from "../config/telemetry.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Network } from "../net/network.ts";
import type { Refresher } from "../refresh/refresher.ts";
import type { ArtifactCache } from "../store/artifact-cache.ts";
import type { Clock } from "../system/clock.ts";
import type { EventLog } from "../telemetry/event-log.ts";
import type { About, Subject } from "./about.ts";
import type { Facts } from "./collect.ts";
import type { Instruments } from "./instruments.ts";
import type { Exporting } from "./open.ts";
import { noTelemetry, type Telemetry } from "./telemetry.ts";

export interface TelemetryParts {
  readonly feed: Feed;
  readonly refresher: Refresher;
  readonly cache: ArtifactCache;
  readonly filesStatus: () => FilesStatus | undefined;
  readonly network: Network;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly subject: Subject;
}

/** Who gets it, as far as anybody does. */
export interface TelemetryWish {
  /** Undefined where none is sent. */
  readonly sent: TelemetryConfig | undefined;
  /** Whether there is a listener to scrape metrics from. */
  readonly scraped: boolean;
  readonly resource: AddedAttributes;
}

/** Loads what counts, sends and prints telemetry only where it is asked for, and lets it hear what it tells of. */
export async function loadTelemetry(
  { sent, scraped, resource }: TelemetryWish,
  parts: TelemetryParts,
): Promise<Telemetry> {
  if (sent === undefined && !scraped) return noTelemetry;
  const { feed, refresher, cache, filesStatus, log, clock, subject } = parts;
  const { About, Instruments, prometheusText } = await import("./counting.ts");
  const about = new About(subject, resource);
  const facts = (): Facts => ({
    status: feed.status(),
    untilExpiryMs: feed.untilExpiryMs(),
    diskCacheHoldsArtifact: cache.holdsArtifact,
    diskCacheFailures: cache.failures,
    files: filesStatus(),
  });
  const instruments = new Instruments(facts, () => clock.now().monoMs);
  const exporting = sent && (await loadExporting(sent, about, instruments, parts));
  log.onEvent((event) => {
    instruments.event(event);
    exporting?.event(event);
  });
  refresher.onAttempt((outcome) => instruments.attempted(outcome));
  feed.subscribe((change) => {
    if (change.kind === "serving") about.serving(change);
    instruments.changed(change);
    exporting?.changed(change);
  });
  return {
    observe: (handler) => instruments.observe(handler),
    connectionDropped: (reason) => instruments.connectionDropped(reason),
    scrape: scraped ? () => prometheusText(instruments.collect(), about) : undefined,
    stop: async (budgetMs) => exporting?.stop(budgetMs),
  };
}

async function loadExporting(
  config: TelemetryConfig,
  about: About,
  instruments: Instruments,
  { feed, network, log, clock }: TelemetryParts,
): Promise<Exporting> {
  const { openExporting } = await import("./open.ts");
  return openExporting({
    config,
    network,
    clock,
    log,
    about,
    instruments,
    useSecrets: async (look) => {
      const used = await feed.use(look);
      return used.kind === "used" ? used.value : undefined;
    },
    keepHeaders: feed.mode === "cached",
    // Not the schedule's chance: with telemetry an agent polls at the same moments as without.
    random: Math.random,
  });
}
