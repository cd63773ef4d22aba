import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "take the secrets of an agent that runs already, and follow them",
    needs: ["exec", "exec-agent"],
    run: async (world) => {
      const [first, second] = [secretValue(), secretValue()];
      const started = await servingOn(world, pack({ KEY: first }));
      const { command, lines, wrote } = await recorder(world);
      const env = {
        CLEF_AGENT_PORT: undefined,
        CLEF_AGENT_URL: `http://127.0.0.1:${started.agent.port}`,
        CLEF_AGENT_TOKEN: TOKEN,
      };
      const agent = await world.agent(env, ["exec", "--agent", "--", ...command]);
      await wrote(`start ${first}`);
      await hold(started, pack({ KEY: second }));
      await wrote(`start ${second}`);
      equal(
        [agent.exit, (await lines()).filter((line) => line.startsWith("start")).length],
        [undefined, 2],
        "its command",
      );
    },
  },
];
