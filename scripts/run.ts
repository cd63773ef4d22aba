/** Running the installed tools from the scripts of this repository. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

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
