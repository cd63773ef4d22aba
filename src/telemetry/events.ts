import type { ErrorCode, ReasonCode } from "../errors.ts";

export type Severity = "INFO" | "WARN" | "ERROR";

/** What ended the agent. */
export type StopReason = "signal" | "error" | "lambda_shutdown";

/** What ended the command that the agent ran: itself, or what the agent ended it for. */
export type CommandStopReason =
  "exited" | "not_started" | "signal" | "refused" | "revoked" | "failed";

/** Why the files were removed: as the secrets ended, at a stop, or as nobody knows how old they are. */
export type FilesRemovalReason =
  "revoked" | "artifact_expired" | "cache_expired" | "stopped" | "unknown_age";

/** The events of the agent's life, with their fields (contract, section 6). */
export type AgentEvent =
  | { readonly name: "agent.started"; readonly version: string }
  | {
      readonly name: "agent.stopped";
      readonly reason: StopReason;
      readonly uptimeSeconds: number;
    }
  | {
      readonly name: "artifact.refreshed";
      readonly revision: string;
      /** Undefined in just-in-time mode, which keeps no plaintext. */
      readonly keyCount: number | undefined;
      readonly kmsEnvelope: boolean;
    }
  | { readonly name: "artifact.revoked"; readonly revokedAt: string }
  | { readonly name: "artifact.expired"; readonly expiresAt: string }
  | {
      readonly name: "fetch.failed";
      readonly code: ErrorCode;
      readonly error: string;
      readonly diskCacheAvailable: boolean;
    }
  | {
      readonly name: "cache.expired";
      readonly cacheTtlSeconds: number;
      readonly diskCachePurged: boolean;
    }
  | { readonly name: "artifact.invalid"; readonly reason: ReasonCode; readonly error: string }
  | { readonly name: "files.written"; readonly revision: string; readonly files: number }
  | { readonly name: "files.removed"; readonly reason: FilesRemovalReason }
  | { readonly name: "files.failed"; readonly code: ErrorCode; readonly error: string }
  | {
      readonly name: "command.started";
      /** Undefined where the secrets come from another agent. */
      readonly revision: string | undefined;
      /** The secrets that it was given. */
      readonly keyCount: number;
    }
  | {
      readonly name: "command.restarted";
      readonly reason: "secrets_changed";
      readonly revision: string | undefined;
      readonly keyCount: number;
      /** Of the one that was stopped. */
      readonly exitCode: number;
    }
  | {
      readonly name: "command.stopped";
      readonly reason: CommandStopReason;
      readonly exitCode: number;
    };

export type EventName = AgentEvent["name"];

export const SEVERITY: Readonly<Record<EventName, Severity>> = {
  "agent.started": "INFO",
  "agent.stopped": "INFO",
  "artifact.refreshed": "INFO",
  "artifact.revoked": "WARN",
  "artifact.expired": "WARN",
  "fetch.failed": "WARN",
  "cache.expired": "ERROR",
  "artifact.invalid": "ERROR",
  "files.written": "INFO",
  "files.removed": "INFO",
  "files.failed": "ERROR",
  "command.started": "INFO",
  "command.restarted": "INFO",
  "command.stopped": "INFO",
};

/** After these, what was served is gone. */
export const ENDS: ReadonlySet<EventName> = new Set([
  "artifact.revoked",
  "artifact.expired",
  "cache.expired",
]);
