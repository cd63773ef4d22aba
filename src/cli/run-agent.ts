import type { Config, LogFormat } from "../config/config.ts";
import { parseConfig } from "../config/parse-config.ts";
import { secretsOf } from "../config/secrets.ts";
import { readSmallFile } from "../config/small-file.ts";
import { AgentError, AgentErrors } from "../errors.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { systemClock } from "../system/clock.ts";
import { limitedLog } from "../telemetry/limited-log.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import type { Io } from "./io.ts";

/** Runs an agent that `io.env` configures, from its start to its end. @returns the exit code. */
export async function runAgent(
  io: Io,
  lifecycleFor: (log: Log) => Promise<Lifecycle>,
): Promise<number> {
  let config;
  try {
    config = await parseConfig(io.env, readSmallFile);
  } catch (error) {
    const log = createRunLog(io, undefined);
    return reportStartFailure(error, log, await lifecycleFor(log));
  }
  const log = limitedLog(createRunLog(io, config), systemClock);
  for (const warning of config.warnings) log.warn(warning);
  const lifecycle = await lifecycleFor(log);
  try {
    return await lifecycle.run(config, { clock: systemClock, random: Math.random, log });
  } catch (error) {
    return await reportStartFailure(error, log, lifecycle);
  } finally {
    log.finish();
  }
}

function createRunLog(io: Io, config: Config | undefined): Log {
  const log = createLog({
    level: config?.logLevel ?? "info",
    format: config?.logFormat ?? formatWish(io),
    write: io.stderr,
    now: Date.now,
  });
  for (const secret of config === undefined ? [] : secretsOf(config, io.env)) log.hide(secret);
  return log;
}

/** Even a configuration with errors is reported in the format it asks for. */
function formatWish(io: Io): LogFormat {
  const wish = io.env["CLEF_AGENT_LOG_FORMAT"];
  if (wish === "json" || wish === "text") return wish;
  return io.stderrIsTerminal ? "text" : "json";
}

async function reportStartFailure(error: unknown, log: Log, lifecycle: Lifecycle): Promise<number> {
  const errors = error instanceof AgentErrors ? error.errors : [error];
  for (const each of errors) {
    if (!(each instanceof AgentError)) throw each;
    log.error(each.message, { code: each.code });
  }
  const [first] = errors;
  if (first instanceof AgentError) await lifecycle.startFailed(first);
  return 1;
}
