import type { Case } from "../../suite/case.ts";
import { marker } from "../../tools/artifact.ts";
import { ensure, equal, eventually } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "stop the command by --stop-signal, and by SIGKILL after --stop-timeout",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world, "");
      const options = ["--stop-signal", "SIGINT", "--stop-timeout", "1s"];
      const { agent, put } = await exec(world, { secrets: { KEY: value } }, options, command);
      await wrote(`start ${value}`);
      await put(marker());
      const started = performance.now();
      equal(await agent.ended(), 1, "the exit code");
      ensure(performance.now() - started > 500, "it did not wait for the command");
      equal(await lines(), [`start ${value}`, "SIGINT"], "what the command wrote");
    },
  },
  {
    name: "stop what the command has started too",
    needs: ["exec"],
    run: async (world) => {
      const { agent, put } = await exec(
        world,
        { secrets: { KEY: secretValue() } },
        ["--stop-timeout", "2s"],
        ["sh", "-c", "sleep 100 & echo $!; wait"],
      );
      const pid = await eventually(
        "the command says who it started",
        () => /^(\d+)\n/.exec(agent.stdout)?.[1],
      );
      await put(marker());
      equal(await agent.ended(), 1, "the exit code");
      await eventually("it is gone", () => !isAlive(Number(pid)), 5);
    },
  },
];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
