import type { Change } from "../refresh/changes.ts";
import type { AgentEvent } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import type { Feed } from "./feed.ts";

/**
 * Writes each change as the event that it is (contract, section 6), and lets every line of the log
 * name the revision that was served at the time.
 */
export function logChanges(feed: Pick<Feed, "subscribe">, log: Log): void {
  feed.subscribe((change) => {
    if (change.kind === "serving") log.correlate({ revision: change.revision });
    const event = eventOf(change);
    if (event !== undefined) log.event(event);
    if (change.kind === "ended") log.correlate({ revision: undefined });
  });
}

/** @returns undefined for what is no event: only what the source gave is a refresh. */
function eventOf(change: Change): AgentEvent | undefined {
  switch (change.kind) {
    case "serving": {
      if (change.from === "disk_cache") return undefined;
      const { revision, keyCount, kmsEnvelope } = change;
      return { name: "artifact.refreshed", revision, keyCount, kmsEnvelope };
    }
    case "renewed":
      return undefined;
    case "ended":
      return endOf(change);
  }
}

function endOf(change: Extract<Change, { kind: "ended" }>): AgentEvent {
  switch (change.reason) {
    case "revoked":
      return { name: "artifact.revoked", revokedAt: change.revokedAt };
    case "artifact_expired":
      return { name: "artifact.expired", expiresAt: change.expiresAt };
    case "cache_expired": {
      const { ttlMs, diskCachePurged } = change;
      return { name: "cache.expired", cacheTtlSeconds: ttlMs / 1000, diskCachePurged };
    }
  }
}
