import type { LogFormat, StartConfig } from "../config/start.ts";
import { AgentError, AgentErrors } from "../errors.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import type { Io } from "./io.ts";

/** @param config - undefined where it has errors, which are reported in the format that it asks for all the same. */
export function createRunLog(
  io: Io,
  config?: Pick<StartConfig, "logLevel" | "logFormat">,
  secrets: readonly string[] = [],
): Log {
  const log = createLog({
    level: config?.logLevel ?? "info",
    format: config?.logFormat ?? formatWish(io),
    write: io.stderr,
    now: Date.now,
  });
  for (const secret of secrets) log.hide(secret);
  return log;
}

function formatWish(io: Io): LogFormat {
  const wish = io.env["CLEF_AGENT_LOG_FORMAT"];
  if (wish === "json" || wish === "text") return wish;
  return io.stderrIsTerminal ? "text" : "json";
}

/** Reports what was thrown on purpose, and throws on what was not. @returns the first of the errors. */
export function reportErrors(thrown: unknown, log: Log): AgentError {
  const errors = thrown instanceof AgentErrors ? thrown.errors : [thrown];
  for (const each of errors) {
    if (!(each instanceof AgentError)) throw each;
    log.error(each.message, { code: each.code });
  }
  const [first] = errors;
  if (first instanceof AgentError) return first;
  throw thrown;
}
