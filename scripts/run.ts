/** Running the installed tools from the scripts of this repository. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";

/** The top folder of the repository. */
export const ROOT: string = path.dirname(import.meta.dirname);

/** Runs Node (the one running this) from the top folder; resolves to the exit code. */
export async function runNode(...args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: "inherit" });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.once("SIGTERM", forward);
  await once(child, "exit");
  process.off("SIGTERM", forward);
  return child.exitCode ?? 1;
}

/** Runs a script; what goes wrong is one line for whoever ran it, and exit code 1. */
export async function runScript(script: () => Promise<void>): Promise<void> {
  try {
    await script();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * Runs a program to its end.
 *
 * @throws Error with what it wrote, if it did not end well.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  cwd: string = ROOT,
): Promise<void> {
  await outputOf(command, args, cwd);
}

/**
 * What a program writes to its standard output.
 *
 * @throws Error with what it wrote, if it did not end well.
 */
export async function outputOf(
  command: string,
  args: readonly string[],
  cwd: string = ROOT,
): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  if (child.exitCode === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} failed: ${`${stdout}${stderr}`.trim()}`);
}
