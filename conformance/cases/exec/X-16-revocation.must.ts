import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "stop the command on revocation, and exit with 1 though the command ends with 0",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const { agent, put } = await exec(world, { secrets: { KEY: value } }, [], command);
      await wrote(`start ${value}`);
      await put(marker());
      equal(await agent.ended(), 1, "the exit code");
      equal(await lines(), [`start ${value}`, "SIGTERM", "end"], "what the command wrote");
    },
  },
  {
    name: "leave the command alone when its secrets have expired",
    needs: ["exec"],
    waitsSeconds: 6,
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const { agent, put } = await exec(world, { secrets: { KEY: value } }, [], command);
      await wrote(`start ${value}`);
      // The same set in another revision, which starts nothing anew.
      await put(pack({ KEY: value }, { expiresAt: new Date(Date.now() + 4_000) }));
      await agent.refuses("artifact_expired");
      await sleep(1);
      equal(
        [agent.exit, await lines()],
        [undefined, [`start ${value}`]],
        "what became of the command",
      );
    },
  },
];
