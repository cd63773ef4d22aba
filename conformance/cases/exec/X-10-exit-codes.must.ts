import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { exec } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

const CODES: Readonly<Record<string, readonly [readonly string[], number]>> = {
  "0": [["true"], 0],
  "the command's": [["sh", "-c", "exit 42"], 42],
  "255": [["sh", "-c", "exit 255"], 255],
  "128 and the number of SIGTERM": [["sh", "-c", "kill -TERM $$"], 143],
  "128 and the number of SIGKILL": [["sh", "-c", "kill -KILL $$"], 137],
  "127 for a command that is not there": [["/nonexistent/command"], 127],
  "127 for a name that is not there": [["no-such-command-anywhere"], 127],
  "126 for a folder": [["/"], 126],
};

export const cases: readonly Case[] = [
  ...Object.entries(CODES).map(([name, [command, code]]): Case => ({
    name: `end with ${name}`,
    needs: ["exec"],
    run: async (world) => {
      const { agent } = await exec(world, { secrets: { KEY: secretValue() } }, [], command);
      equal(await agent.ended(), code, "the exit code");
    },
  })),
  {
    name: "end with 127 and 126 where an interpreter is missing, and where nothing may be run",
    needs: ["exec"],
    run: async (world) => {
      const folder = await world.directory();
      const [script, plain] = [path.join(folder, "script"), path.join(folder, "plain")];
      await writeFile(script, "#!/nonexistent/interpreter\n");
      await chmod(script, 0o755);
      await writeFile(plain, "#!/bin/sh\nexit 0\n", { mode: 0o644 });
      const secrets = { KEY: secretValue() };
      equal(await (await exec(world, { secrets }, [], [script])).agent.ended(), 127, "the first");
      equal(await (await exec(world, { secrets }, [], [plain])).agent.ended(), 126, "the second");
    },
  },
];
