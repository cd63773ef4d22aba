import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { FunctionProcess } from "./lambda-emulator.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const inRoot = (path: string): string => join(ROOT, path);

/** The examples in deploy/, as processes; undefined where the machine has no Python. */
export const EXAMPLES: Readonly<
  Record<"Node.js" | "Python", Omit<FunctionProcess, "env"> | undefined>
> = {
  "Node.js": {
    command: process.execPath,
    args: [inRoot("test/support/lambda-runtime.ts"), inRoot("deploy/lambda/examples/handler.mjs")],
  },
  Python:
    spawnSync("python3", ["--version"]).status === 0
      ? {
          command: "python3",
          args: [
            inRoot("test/support/lambda-runtime.py"),
            inRoot("deploy/lambda/examples/handler.py"),
          ],
        }
      : undefined,
};
