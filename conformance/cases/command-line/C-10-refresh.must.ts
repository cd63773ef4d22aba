import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { TOKEN } from "../../tools/agent.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "have a running agent look at its source, and tell by the exit code what came of it",
    needs: ["refresh-command"],
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      const refresh = async (): Promise<unknown> => {
        await sleep(1.2);
        const env = {
          CLEF_AGENT_PORT: undefined,
          CLEF_AGENT_URL: `http://127.0.0.1:${agent.port}`,
          CLEF_AGENT_TOKEN: TOKEN,
        };
        return (await world.agent(env, ["refresh"])).ended();
      };
      equal(await refresh(), 0, "the exit code with nothing new");
      const next = { KEY: secretValue() };
      origin.put(pack(next));
      equal(await refresh(), 0, "the exit code with something new");
      await agent.serves(next, 1);
      origin.put("not an artifact");
      equal(await refresh(), 1, "the exit code with something bad");
      origin.hangUp();
      equal(await refresh(), 1, "the exit code without an origin");
    },
  },
];
