import { type AttachedConfig, parseAttachedConfig } from "../config/attached.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { ExecSettings } from "../exec/settings.ts";
import { runAttached } from "../lifecycle/attached.ts";
import { systemClock } from "../system/clock.ts";
import { limitedLog } from "../telemetry/limited-log.ts";
import type { Io } from "./io.ts";
import { createRunLog, reportErrors } from "./run-log.ts";

/** `clef-agent exec --agent`: needs no key, as an agent that runs already has it. @returns the exit code. */
export async function execAttached(settings: ExecSettings, io: Io): Promise<number> {
  const { env, exitNow } = io;
  let config: AttachedConfig;
  try {
    config = parseAttachedConfig(env, readSmallFile);
  } catch (error) {
    reportErrors(error, createRunLog(io));
    return 1;
  }
  const { token } = config.agent;
  const log = limitedLog(createRunLog(io, config, token === undefined ? [] : [token]), systemClock);
  try {
    const random = Math.random;
    return await runAttached({ settings, env, exitNow, config, clock: systemClock, random, log });
  } finally {
    log.finish();
  }
}
