import { parseConfig } from "../config/parse-config.ts";
import { secretsOf } from "../config/secrets.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { systemClock } from "../system/clock.ts";
import { collectEarly } from "../system/collect-early.ts";
import { limitedLog } from "../telemetry/limited-log.ts";
import type { Log } from "../telemetry/log.ts";
import type { Io } from "./io.ts";
import { createRunLog, reportErrors } from "./run-log.ts";

/** Runs an agent that `io.env` configures, from its start to its end. @returns the exit code. */
export async function runAgent(
  io: Io,
  lifecycleFor: (log: Log) => Promise<Lifecycle>,
): Promise<number> {
  let config;
  try {
    config = await parseConfig(io.env, readSmallFile);
  } catch (error) {
    const log = createRunLog(io);
    return reportStartFailure(error, log, await lifecycleFor(log));
  }
  const log = limitedLog(createRunLog(io, config, secretsOf(config, io.env)), systemClock);
  for (const warning of config.warnings) log.warn(warning);
  const lifecycle = await lifecycleFor(log);
  const collecting = collectEarly(systemClock);
  try {
    return await lifecycle.run(config, { clock: systemClock, random: Math.random, log });
  } catch (error) {
    return await reportStartFailure(error, log, lifecycle);
  } finally {
    collecting.cancel();
    log.finish();
  }
}

async function reportStartFailure(error: unknown, log: Log, lifecycle: Lifecycle): Promise<number> {
  await lifecycle.startFailed(reportErrors(error, log));
  return 1;
}
