import type { ErrorCode } from "../errors.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { AgentEvent, FilesRemovalReason } from "../telemetry/events.ts";

export const FILES_STATES: readonly FilesStatus["health"]["state"][] = [
  "none",
  "written",
  "failed",
];

/** Counts what becomes of the files, from their events; reasons and codes are closed sets. */
export class FilesMeter {
  written = 0;
  // There from the start, at zero: a rate sees no increase in a series that begins with 1.
  readonly failures: Map<ErrorCode, number> = new Map([
    ["files_name", 0],
    ["files_value", 0],
    ["files_template", 0],
    ["files_foreign", 0],
    ["files_full", 0],
    ["files_failed", 0],
  ]);
  readonly removed: Record<FilesRemovalReason, number> = {
    revoked: 0,
    artifact_expired: 0,
    cache_expired: 0,
    stopped: 0,
    unknown_age: 0,
  };

  count(event: AgentEvent): void {
    if (event.name === "files.written") this.written++;
    if (event.name === "files.removed") this.removed[event.reason]++;
    if (event.name === "files.failed") {
      this.failures.set(event.code, (this.failures.get(event.code) ?? 0) + 1);
    }
  }
}
