import { closeSync, openSync, readSync } from "node:fs";
import { type Config, type LogFormat, parseConfig } from "../config/config.ts";
import { secretTexts } from "../config/vcs-credential.ts";
import { AgentError, AgentErrors, systemCode } from "../errors.ts";
import { KEY_FILE_MAX_BYTES } from "../limits.ts";
import { daemon } from "../lifecycle/daemon.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { decodeUserInfo } from "../net/safe-url.ts";
import { systemClock } from "../system/clock.ts";
import { limitedLog } from "../telemetry/limited-log.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import type { Command, Io } from "./io.ts";
import { parseOptions, usage } from "./options.ts";

/** `clef-agent run`: the agent itself, configured by the environment alone. */
export const run: Command = async (args, io) => {
  const { positionals } = parseOptions(args, {});
  if (positionals.length > 0) throw usage("run takes no arguments; it is configured by variables");
  let config;
  try {
    config = parseConfig(io.env, readSmallFile);
  } catch (error) {
    const log = createRunLog(io, undefined);
    return reportStartFailure(error, log, await lifecycleFor(io, log));
  }
  const log = limitedLog(createRunLog(io, config), systemClock);
  for (const warning of config.warnings) log.warn(warning);
  const lifecycle = await lifecycleFor(io, log);
  try {
    return await lifecycle.run(config, { clock: systemClock, random: Math.random, log });
  } catch (error) {
    return await reportStartFailure(error, log, lifecycle);
  } finally {
    log.finish();
  }
};

/** Lambda names its API to every extension that it starts. */
async function lifecycleFor(io: Io, log: Log): Promise<Lifecycle> {
  const lambdaApi = io.env["AWS_LAMBDA_RUNTIME_API"];
  if (lambdaApi === undefined || lambdaApi === "") return daemon(io.exitNow);
  const { lambda } = await import("../lifecycle/lambda.ts");
  return lambda(lambdaApi, log, io.exitNow);
}

function createRunLog(io: Io, config: Config | undefined): Log {
  const log = createLog({
    level: config?.logLevel ?? "info",
    format: config?.logFormat ?? formatWish(io),
    write: io.stderr,
    now: Date.now,
  });
  for (const secret of config === undefined ? [] : secretsOf(config)) log.hide(secret);
  return log;
}

/** Even a configuration with errors is reported in the format it asks for. */
function formatWish(io: Io): LogFormat {
  const wish = io.env["CLEF_AGENT_LOG_FORMAT"];
  if (wish === "json" || wish === "text") return wish;
  return io.stderrIsTerminal ? "text" : "json";
}

/** What must never be seen in a log line, whatever happens. */
function secretsOf(config: Config): readonly string[] {
  const secrets = config.ageIdentities.map(({ text }) => text);
  if (config.source.kind === "vcs") secrets.push(...secretTexts(config.source.credential));
  if (config.source.kind === "http") secrets.push(decodeUserInfo(config.source.url.password));
  for (const signal of [config.telemetry?.logs, config.telemetry?.metrics]) {
    if (signal === undefined) continue;
    secrets.push(decodeUserInfo(signal.url.password), ...Object.values(signal.headers));
  }
  return secrets;
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

/** Reads no further than a key can be long: the path may lead to a device without an end. */
function readSmallFile(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(KEY_FILE_MAX_BYTES + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null);
      }
      if (length === bytes.length) throw new AgentError("config_invalid", "the file is too large");
      return bytes.toString("utf8", 0, length);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const code = systemCode(error);
    if (code === "ENOENT") throw new Error("the file does not exist", { cause: error });
    throw new Error(`the file cannot be read (${code ?? "unknown error"})`, { cause: error });
  }
}
