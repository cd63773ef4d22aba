import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "let no second agent use the directory",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const value = secretValue();
      await servingOn(world, pack({ KEY: value }), env);
      const { agent } = await startOn(world, pack({ KEY: secretValue() }), {
        ...env,
        CLEF_AGENT_STARTUP_TIMEOUT: "2",
      });
      equal(await agent.ended(), 1, "the exit code of the second");
      await sleep(0.2);
      equal(await textOf(folder, "KEY"), value, "the file");
    },
  },
];
