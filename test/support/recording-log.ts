import { createLog, type Log } from "../../src/telemetry/log.ts";

/** One line of the log, read back. */
export type Line = Readonly<Record<string, unknown>>;

export interface RecordingLog {
  readonly log: Log;
  readonly lines: readonly Line[];
  /** Names of the events so far, in their order. */
  readonly events: () => readonly string[];
  /** Messages at a level so far. */
  messages(level: "debug" | "info" | "warn" | "error"): readonly string[];
}

/** The real log, writing into an array. */
export function recordingLog(): RecordingLog {
  const lines: Line[] = [];
  const log = createLog({
    level: "debug",
    format: "json",
    write: (line) => lines.push(JSON.parse(line) as Line),
    now: () => 0,
  });
  return {
    log,
    lines,
    events: () => lines.flatMap(({ event }) => (typeof event === "string" ? [event] : [])),
    messages: (level) =>
      lines.filter((line) => line["level"] === level).map((line) => String(line["message"])),
  };
}
