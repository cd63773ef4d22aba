import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "the next artifact at once after SIGHUP, each time",
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      for (let n = 0; n < 3; n++) {
        const next = { KEY: secretValue() };
        origin.put(pack(next));
        agent.signal("SIGHUP");
        await agent.serves(next, 4);
      }
    },
  },
];
