import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "send the signal that --on-change names, and leave the command running",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const { put } = await exec(
        world,
        { secrets: { KEY: value } },
        ["--on-change", "signal:USR2"],
        command,
      );
      await wrote(`start ${value}`);
      await put(pack({ KEY: secretValue() }));
      await wrote("SIGUSR2");
      equal(await lines(), [`start ${value}`, "SIGUSR2"], "what the command wrote");
    },
  },
  {
    name: "do nothing with --on-change ignore, and serve the new set",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const { agent, put } = await exec(
        world,
        { secrets: { KEY: value } },
        ["--on-change", "ignore"],
        command,
      );
      await wrote(`start ${value}`);
      const next = { KEY: secretValue() };
      await put(pack(next));
      await agent.serves(next);
      await sleep(0.5);
      equal(await lines(), [`start ${value}`], "what the command wrote");
    },
  },
];
