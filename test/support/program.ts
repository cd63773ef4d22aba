import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.ts";
import { ROOT } from "./interop.ts";
import { eventually, type Lifetime } from "./temporary.ts";

/** A program that .ci/install-interop put below .interop, or undefined. */
export function installedProgram(path: string): string | undefined {
  const whole = join(ROOT, ".interop", path);
  return existsSync(whole) ? whole : undefined;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Writes what it reads at its start. */
  readonly before?: (port: number) => Promise<void>;
}

/** A server of somebody else's, on a free port of 127.0.0.1 until the tests end; gives the port once it answers. */
export async function startProgram(
  context: Lifetime,
  command: string,
  args: (port: number) => readonly string[],
  options: ProgramOptions = {},
): Promise<{ readonly port: number }> {
  const port = await freePort();
  await options.before?.(port);
  const child = spawn(command, args(port), {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000)));
  }
  context.after(() => void child.kill("SIGKILL"));
  await eventually(
    `${command} answers`,
    async () => {
      if (child.exitCode !== null) throw new Error(`${command} ended: ${said}`);
      return answers(port);
    },
    60_000,
  );
  return { port };
}

/** Whatever the answer is: `fetch` takes a 407 for none. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host: "127.0.0.1", port, path: "/", agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on("error", () => resolve(false));
  });
}
