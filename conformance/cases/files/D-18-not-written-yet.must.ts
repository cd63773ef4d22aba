import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { filesFolder } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "be not ready until the first set is written",
    needs: ["files"],
    run: async (world) => {
      const { env } = await filesFolder(world);
      const started = await startOn(world, pack({ "a/b": secretValue() }), {
        ...env,
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
      });
      await started.agent.refuses("files_not_written");
      await hold(started, pack({ KEY: secretValue() }));
      await started.agent.ready();
    },
  },
];
