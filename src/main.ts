import { buffer } from "node:stream/consumers";
import type { Command, Io } from "./cli/io.ts";

// First of all: Node opens its inspector, with all secrets behind it, on SIGUSR1 unless someone listens.
process.on("SIGUSR1", () => undefined);
// A log reader that went away must not take the agent with it.
process.stderr.on("error", () => undefined);

const io: Io = {
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stderrIsTerminal: process.stderr.isTTY,
  stdin: () => buffer(process.stdin),
  exitNow: (code) => process.exit(code),
};

async function commandNamed(name: string): Promise<Command> {
  switch (name) {
    case "run":
      return (await import("./cli/run.ts")).run;
    default:
      return async () => 2;
  }
}

const [name = "run", ...args] = process.argv.slice(2);
process.exit(await (await commandNamed(name))(args, io));
