import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "exit with 1 where its port is taken",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const other = await startOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_PORT: String(agent.port),
      });
      equal(await other.agent.ended(), 1, "the exit code of the second");
      equal((await agent.get("/v1/secrets")).status, 200, "the status of the first");
    },
  },
];
