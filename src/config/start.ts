import type { EnvReader } from "./env-reader.ts";

type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "json" | "text";

/** What holds for every process that waits for secrets. */
export interface StartConfig {
  /** 0 never gives up. */
  readonly startupTimeoutMs: number;
  readonly logLevel: LogLevel;
  /** Undefined is text on a terminal and JSON elsewhere. */
  readonly logFormat: LogFormat | undefined;
}

const isSeconds = (value: number): boolean => value >= 0;

export function readStart(reader: EnvReader): StartConfig {
  const seconds = reader.integer(
    "CLEF_AGENT_STARTUP_TIMEOUT",
    60,
    isSeconds,
    "a number of seconds, or 0",
  );
  return {
    startupTimeoutMs: seconds * 1000,
    logLevel: reader.oneOf("CLEF_AGENT_LOG_LEVEL", ["debug", "info", "warn", "error"]) ?? "info",
    logFormat: reader.oneOf("CLEF_AGENT_LOG_FORMAT", ["json", "text"]),
  };
}
