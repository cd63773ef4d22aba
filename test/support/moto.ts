import { spawn } from "node:child_process";
import { eventually, type Lifetime } from "./temporary.ts";
import { pythonWith } from "./interop.ts";

const python = pythonWith("moto.server", "flask");

/** Why tests with moto, the services of AWS written again in Python, are passed over; or false. */
export const noMoto: string | false =
  python === undefined && "moto is missing: .ci/install-interop";

/** Starts moto on a free port of 127.0.0.1, and gives its address; it is gone when the test ends. */
export async function startMoto(
  context: Lifetime,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(python ?? "python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    env: { PATH: process.env["PATH"], PYTHONDONTWRITEBYTECODE: "1", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  context.after(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return eventually(
    "moto says where it listens",
    () => /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1],
    30_000,
  );
}
