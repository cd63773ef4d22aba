import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { filesFolder } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "refuse files in just-in-time mode",
    needs: ["files", "jit"],
    run: async (world) => {
      const { env } = await filesFolder(world);
      const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), {
        ...env,
        CLEF_AGENT_CACHE_TTL: "0",
      });
      equal(
        [await agent.ended(), origin.asked.length],
        [1, 0],
        "the exit code, and how often the origin was asked",
      );
    },
  },
];
