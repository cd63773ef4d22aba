import { spawn } from "node:child_process";
import { AGENT_COMMAND, type CommandLine } from "./agent-process.ts";

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly cwd?: string;
  /** Instead of the agent under test. */
  readonly command?: CommandLine;
}

/** Runs one command of the built agent to its end, with nothing in its environment but `env`. */
export function clef(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [command, ...before] = options.command ?? AGENT_COMMAND;
  const child = spawn(command, [...before, ...args], {
    env: { PATH: process.env["PATH"], ...options.env },
    cwd: options.cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A command that does not read its input may be gone before it was written.
  child.stdin.on("error", () => undefined).end(options.stdin ?? "");
  return new Promise((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
