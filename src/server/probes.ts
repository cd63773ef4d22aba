import type { Status } from "../refresh/status.ts";
import { jsonResponse, type Response } from "./response.ts";

/** Liveness: 200 as long as the process can answer, whatever the source does. */
export function healthResponse(status: Status, mode: "cached" | "jit"): Response {
  const { freshness } = status;
  return jsonResponse(200, {
    status: "ok",
    mode,
    revision: status.revision,
    lastRefreshAt: status.lastRefreshAt,
    expired: freshness === "cache_expired" || freshness === "artifact_expired",
    state: freshness,
    ageSeconds: status.ageSeconds,
    dataFrom: status.dataFrom,
    consecutiveFailures: status.consecutiveFailures,
    lastFailure: status.lastFailure,
  });
}

/** Readiness: whether a request for secrets would be answered with them. */
export function readyResponse({ freshness }: Status): Response {
  return freshness === "fresh"
    ? jsonResponse(200, { ready: true })
    : jsonResponse(503, { ready: false, reason: freshness });
}
