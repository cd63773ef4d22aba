import type { ExecSettings, Mapping, OnChange } from "../exec/settings.ts";
import { type SignalName, signalNamed } from "../exec/signals.ts";
import { parseDuration } from "./duration.ts";
import { parseOptions, usage } from "./options.ts";

const OPTIONS = {
  namespace: { type: "string", multiple: true },
  only: { type: "string", multiple: true },
  map: { type: "string", multiple: true },
  "shell-names": { type: "boolean" },
  "preserve-env": { type: "boolean" },
  "clear-env": { type: "boolean" },
  "allow-name": { type: "string", multiple: true },
  "on-change": { type: "string" },
  splay: { type: "string" },
  "stop-signal": { type: "string" },
  "stop-timeout": { type: "string" },
  "no-env": { type: "boolean" },
  "no-api": { type: "boolean" },
  agent: { type: "boolean" },
} as const;

interface ExecCall extends ExecSettings {
  /** Whether the secrets are those of an agent that runs already. */
  readonly attached: boolean;
}

/**
 * Reads `exec [OPTIONS] -- COMMAND [ARG…]` (contract, section 8).
 *
 * @throws AgentError `usage`; never with a word of the command, which may be a secret.
 */
export function parseExec(args: readonly string[], platform: NodeJS.Platform): ExecCall {
  const dashes = args.indexOf("--");
  const { values, positionals } = parseOptions(dashes < 0 ? args : args.slice(0, dashes), OPTIONS);
  if (dashes < 0 || positionals.length > 0) {
    throw usage("exec takes its command after two dashes: clef-agent exec [OPTIONS] -- COMMAND");
  }
  const [command, ...rest] = args.slice(dashes + 1);
  if (command === undefined) throw usage("exec needs a command after --");
  const handsOver = values["no-env"] !== true;
  return {
    command: [command, ...rest],
    choice: {
      namespaces: unique(values.namespace),
      only: unique(values.only),
      maps: unique(values.map).map(parseMapping),
      shellNames: values["shell-names"] === true,
    },
    allowedNames: unique(values["allow-name"]),
    preserveEnv: values["preserve-env"] === true,
    clearEnv: values["clear-env"] === true,
    onChange: parseOnChange(values["on-change"] ?? "restart", platform),
    splayMs: parseDuration(values.splay ?? "0s", "--splay", 0),
    stopSignal: parseSignal(values["stop-signal"] ?? "SIGTERM", "--stop-signal", platform),
    stopTimeoutMs: parseDuration(values["stop-timeout"] ?? "10s", "--stop-timeout", 0),
    handsOver,
    api: values["no-api"] !== true,
    attached: values.agent === true,
  };
}

function unique(given: readonly string[] | undefined): readonly string[] {
  return [...new Set(given)];
}

/** A variable's name has no equals sign, so what stands before the last one is the secret's. */
function parseMapping(text: string): Mapping {
  const at = text.lastIndexOf("=");
  if (at < 1 || at === text.length - 1) throw usage("--map must be NAME=VARIABLE");
  return { name: text.slice(0, at), variable: text.slice(at + 1) };
}

function parseOnChange(text: string, platform: NodeJS.Platform): OnChange {
  if (text === "restart" || text === "ignore") return { kind: text };
  const [kind, name = ""] = text.split(":", 2);
  if (kind !== "signal") throw usage("--on-change must be restart, signal:NAME or ignore");
  if (platform === "win32") {
    throw usage("--on-change signal:NAME has no meaning on Windows, which has no signals to send");
  }
  return { kind, signal: parseSignal(name, "--on-change", platform) };
}

/** What Windows has in the place of signals ends a program at once (Node.js, process.kill). */
const ON_WINDOWS: readonly SignalName[] = ["SIGTERM", "SIGKILL"];

function parseSignal(text: string, option: string, platform: NodeJS.Platform): SignalName {
  const signal = signalNamed(text);
  if (signal === undefined) {
    throw usage(`${option} names a signal that this system does not have; SIGHUP is one`);
  }
  if (platform === "win32" && !ON_WINDOWS.includes(signal)) {
    throw usage(
      `${option} can be ${ON_WINDOWS.join(" or ")} on Windows, which both end it at once`,
    );
  }
  return signal;
}
