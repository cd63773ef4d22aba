import type { Status } from "../refresh/status.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import { jsonResponse, type Response } from "./response.ts";

/** Liveness: 200 as long as the process can answer, whatever the source does. */
export function healthResponse(
  status: Status,
  mode: "cached" | "jit",
  files?: FilesStatus,
): Response {
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
    ...(files === undefined ? {} : { files: files.health }),
  });
}

/** Readiness: whether a request for secrets would be answered with them. */
export function readyResponse({ freshness }: Status, files?: FilesStatus): Response {
  if (freshness !== "fresh") return jsonResponse(503, { ready: false, reason: freshness });
  if (files?.isReady === false) {
    return jsonResponse(503, { ready: false, reason: "files_not_written" });
  }
  return jsonResponse(200, { ready: true });
}
