import { type AgentEvent, type FilesRemovalReason, SEVERITY } from "./events.ts";
import { visible } from "../system/visible.ts";
import { HiddenTexts } from "./hidden-texts.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];
type Field = string | number | boolean | null | undefined;
export type Fields = Readonly<Record<string, Field>>;

/** Writes lines for people and machines; none of them holds a secret, a token or a key. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** One event of the agent's life, at its severity. */
  event(event: AgentEvent): void;
  /** From now on every line in JSON has these fields too, until another call changes them. */
  correlate(fields: Fields): void;
  /** From now on this text is replaced wherever it would appear, as `HiddenTexts.hide` says; a second line of defence. */
  hide(text: string, rotating?: string): void;
  /** The text, with what is hidden replaced. */
  redact(text: string): string;
}

export interface LogOptions {
  readonly level: Level;
  readonly format: "json" | "text";
  readonly write: (line: string) => void;
  readonly now: () => number;
}

export function createLog(options: LogOptions): Log {
  const hidden = new HiddenTexts();
  let common: Fields = {};
  const threshold = LEVELS.indexOf(options.level);

  const line = (level: Level, message: string, fields: Fields = {}): void => {
    if (LEVELS.indexOf(level) < threshold) return;
    const time = new Date(options.now()).toISOString();
    const text =
      options.format === "json"
        ? JSON.stringify({ time, level, message, ...common, ...fields })
        : textLine(time, level, message, fields);
    options.write(`${hidden.redact(text)}\n`);
  };

  return {
    debug: (message, fields) => line("debug", message, fields),
    info: (message, fields) => line("info", message, fields),
    warn: (message, fields) => line("warn", message, fields),
    error: (message, fields) => line("error", message, fields),
    event(event) {
      const { name, ...fields } = event;
      const levels = { INFO: "info", WARN: "warn", ERROR: "error" } as const;
      line(levels[SEVERITY[name]], describe(event), { event: name, ...fields });
    },
    correlate(fields) {
      common = { ...common, ...fields };
    },
    redact: (text) => hidden.redact(text),
    hide: (text, rotating) => hidden.hide(text, rotating),
  };
}

/** A line for a person: time, level, message, then the fields that the message does not say. */
function textLine(time: string, level: Level, message: string, fields: Fields): string {
  const rest = Object.entries(fields)
    .filter(([name, value]) => value !== undefined && name !== "event" && !said(message, value))
    .map(([name, value]) => `${name}=${typeof value === "string" ? quoted(value) : String(value)}`);
  return visible([time.slice(11, 23), level.toUpperCase().padEnd(5), message, ...rest].join(" "));
}

function said(message: string, value: Field): boolean {
  return typeof value === "string" && value.includes(" ") && message.includes(value);
}

function quoted(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

function describe(event: AgentEvent): string {
  switch (event.name) {
    case "agent.started":
      return "agent started";
    case "agent.stopped":
      return "agent stopped";
    case "artifact.refreshed":
      return "artifact refreshed";
    case "artifact.revoked":
      return "artifact revoked: no secrets are served or kept; pack a new artifact to serve again";
    case "artifact.expired":
      return "artifact expired: no secrets are served or kept; pack a new artifact to serve again";
    case "cache.expired":
      return "no successful refresh within the TTL: secrets wiped until the source answers";
    case "fetch.failed":
      return `fetch failed: ${event.error}`;
    case "artifact.invalid":
      return `artifact refused: ${event.error}`;
    case "command.started":
      return "command started";
    case "command.restarted":
      return "command restarted: its secrets changed";
    case "command.stopped":
      return "command stopped";
    case "files.written":
      return "files written";
    case "files.removed":
      return `files removed: ${REMOVALS[event.reason]}`;
    case "files.failed":
      return `files failed: ${event.error}`;
  }
}

const REMOVALS: Readonly<Record<FilesRemovalReason, string>> = {
  revoked: "their secrets were revoked",
  artifact_expired: "their secrets have expired",
  cache_expired: "no successful refresh within the TTL",
  stopped: "the agent stops",
  unknown_age: "nothing says how old they are that an earlier agent left",
};
