import { visible } from "./system/visible.ts";

/**
 * Why an artifact was not accepted. The first sixteen are the `reason` values of the telemetry
 * contract (section 6); `expired` and `revoked` have events of their own there.
 */
export const REASON_CODES = [
  "json_parse",
  "unsupported_version",
  "missing_fields",
  "invalid_shape",
  "incomplete_envelope",
  "integrity",
  "signature_missing",
  "signature_invalid",
  "signature_error",
  "identity_mismatch",
  "rollback",
  "revision_conflict",
  "kms_unwrap",
  "decrypt",
  "payload_parse",
  "payload_shape",
  "expired",
  "revoked",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Why a source gave no artifact. */
export const SOURCE_CODES = [
  "source_not_found",
  "source_unauthorized",
  "source_forbidden",
  "source_rate_limited",
  "source_server_error",
  "source_unexpected_answer",
  "source_redirect",
  "source_unreachable",
  "source_untrusted",
  "source_timeout",
  "source_truncated",
  "source_too_large",
  "source_unreadable",
] as const;
export type SourceCode = (typeof SOURCE_CODES)[number];

/** Everything else that can stop the agent or one of its commands. */
export const OPERATION_CODES = [
  "config_invalid",
  "config_unknown_variable",
  "config_missing",
  "config_conflict",
  "config_unreadable_file",
  "listen_failed",
  "startup_timeout",
  "cache_unusable",
  "files_name",
  "files_value",
  "files_template",
  "files_foreign",
  "files_full",
  "files_in_use",
  "files_failed",
  "telemetry_failed",
  "usage",
  "input_unreadable",
  "input_invalid",
  "output_failed",
  "pack_unproved",
  "kms_failed",
  "healthcheck_failed",
  "refresh_failed",
  "agent_unavailable",
  "lambda_api_failed",
  "environment_name_invalid",
  "environment_name_conflict",
  "environment_name_refused",
  "environment_value_invalid",
  "environment_too_large",
  "secret_not_found",
  "command_not_found",
  "command_failed",
  "internal",
] as const;
export type OperationCode = (typeof OPERATION_CODES)[number];

export type ErrorCode = ReasonCode | SourceCode | OperationCode;

export interface AgentErrorOptions {
  readonly cause?: unknown;
  /** How long the other side asked us to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The only error that this project throws on purpose. The message is one line for an operator: what
 * happened, which variable or address it concerns, and what to do. It never holds a secret.
 */
export class AgentError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: AgentErrorOptions = {}) {
    super(oneLine(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AgentError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Several errors found in one pass, such as all that is wrong with a configuration. */
export class AgentErrors extends Error {
  readonly errors: readonly AgentError[];

  constructor(errors: readonly AgentError[]) {
    super(errors.map((error) => error.message).join("\n"));
    this.name = "AgentErrors";
    this.errors = errors;
  }
}

/** Makes an AgentError of anything that was thrown; the unknown becomes `code` with `message`. */
export function asAgentError(thrown: unknown, code: ErrorCode, message: string): AgentError {
  return thrown instanceof AgentError ? thrown : new AgentError(code, message, { cause: thrown });
}

/** The system's error code (`ENOENT`, `ECONNREFUSED`, …) of something thrown, or of its cause. */
export function systemCode(thrown: unknown): string | undefined {
  for (
    let error = thrown, depth = 0;
    error instanceof Error && depth < 4;
    error = error.cause, depth++
  ) {
    if ("code" in error && typeof error.code === "string") return error.code;
  }
  return undefined;
}

function oneLine(text: string): string {
  return visible(text.replaceAll(/[\t\r\n\u2028\u2029]+/gu, " "));
}

/** The code as a reason for refusing an artifact; what is none counts as a wrong shape. */
export function reasonOf(error: AgentError): ReasonCode {
  return REASON_CODES.find((reason) => reason === error.code) ?? "invalid_shape";
}
