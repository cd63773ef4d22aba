import type { TelemetryConfig } from "../config/telemetry.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Network } from "../net/network.ts";
import type { Refresher } from "../refresh/refresher.ts";
import type { ArtifactCache } from "../store/artifact-cache.ts";
import type { Clock } from "../system/clock.ts";
import type { EventLog } from "../telemetry/event-log.ts";
import type { Subject } from "./resource.ts";
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

/** Loads what sends telemetry only where it is asked for, and lets it hear what it tells of. */
export async function loadTelemetry(
  config: TelemetryConfig | undefined,
  { feed, refresher, cache, filesStatus, network, log, clock, subject }: TelemetryParts,
): Promise<Telemetry> {
  if (config === undefined) return noTelemetry;
  const { openTelemetry } = await import("./open.ts");
  const telemetry = openTelemetry({
    config,
    network,
    clock,
    log,
    subject,
    facts: () => ({
      status: feed.status(),
      untilExpiryMs: feed.untilExpiryMs(),
      diskCacheHoldsArtifact: cache.holdsArtifact,
      diskCacheFailures: cache.failures,
      files: filesStatus(),
    }),
    useSecrets: async (look) => {
      const used = await feed.use(look);
      return used.kind === "used" ? used.value : undefined;
    },
    keepHeaders: feed.mode === "cached",
    // Not the schedule's chance: with telemetry an agent polls at the same moments as without.
    random: Math.random,
  });
  log.onEvent((event) => telemetry.event(event));
  refresher.onAttempt((outcome) => telemetry.attempted(outcome));
  feed.subscribe((change) => telemetry.changed(change));
  return telemetry;
}
