import http from "node:http";
import type { Command, Io } from "./cli/io.ts";
import { healthcheck } from "./cli/healthcheck.ts";
import { refresh } from "./cli/refresh.ts";
import { StandardOutput } from "./cli/standard-output.ts";
import { AgentError, asAgentError, systemCode } from "./errors.ts";
import { named, privateKeyIn } from "./keys/private-key-text.ts";
import { VERSION } from "./version.ts";

// First of all: Node opens its inspector, with all secrets behind it, on SIGUSR1 unless someone listens.
process.on("SIGUSR1", () => undefined);
// A log reader that went away must not take the agent with it.
process.stderr.on("error", () => undefined);
// With NODE_USE_ENV_PROXY the one there is goes to metadata services through a proxy; the agent knows its ways itself.
http.globalAgent = new http.Agent({ keepAlive: true });

const results = new StandardOutput();
const io: Io = {
  env: process.env,
  stdout: (text) => results.write(text),
  stderr: (text) => process.stderr.write(text),
  stderrIsTerminal: process.stderr.isTTY,
  stdin: async () => (await import("node:stream/consumers")).buffer(process.stdin),
  exitNow: (code) => process.exit(code),
};

/** The agent and what asks it start often, so they load nothing of the other commands. */
async function commandNamed(name: string): Promise<Command> {
  switch (name) {
    case "run":
      return (await import("./cli/run.ts")).run;
    case "exec":
      return (await import("./cli/exec.ts")).exec;
    case "files":
      return (await import("./cli/files-once.ts")).files;
    case "healthcheck":
      return healthcheck;
    case "refresh":
      return refresh;
    default: {
      const tool = (await import("./cli/tools.ts")).TOOLS.get(name);
      if (tool !== undefined) return tool;
      throw new AgentError("usage", `there is no command "${named(name)}"; see clef-agent --help`);
    }
  }
}

/** A key in the wrong place would be repeated in some message, and stands in the list of processes. */
function refuseKeys(args: readonly string[]): void {
  const found = args.map((arg) => privateKeyIn(arg)).find((kind) => kind !== undefined);
  if (found === undefined) return;
  throw new AgentError(
    "usage",
    `an argument is ${found}; it was visible to every process of this machine, so replace the key if others use it`,
  );
}

async function main(name: string, args: readonly string[]): Promise<number> {
  // What comes after two dashes is another program's.
  const ours = new Set(
    [name, ...args].slice(0, args.includes("--") ? args.indexOf("--") + 1 : undefined),
  );
  if (name === "help" || ours.has("--help") || ours.has("-h")) {
    io.stdout((await import("./cli/help.ts")).HELP);
    return 0;
  }
  if (name === "--version") {
    io.stdout(`${VERSION}\n`);
    return 0;
  }
  try {
    refuseKeys([name, ...args]);
    const command = await commandNamed(name);
    return await command(args, io);
  } catch (error) {
    const known = asAgentError(error, "internal", "something nobody expected; please report it");
    io.stderr(`clef-agent: ${known.message} [${known.code}]\n`);
    return known.code === "usage" ? 2 : 1;
  }
}

async function exitCode(name = "run", ...args: readonly string[]): Promise<number> {
  const code = await main(name, args);
  const lost = await results.taken();
  if (lost === undefined) return code;
  const why = systemCode(lost) ?? "?";
  io.stderr(`clef-agent: standard output cannot be written (${why}) [output_failed]\n`);
  return 1;
}

// Without a top-level await, which this file cannot have in the single executable.
void exitCode(...process.argv.slice(2)).then((code) => process.exit(code));
