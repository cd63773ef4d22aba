import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "look at moments of their own, those that were started at once",
    waitsSeconds: 20,
    run: async (world) => {
      const env = { CLEF_AGENT_CACHE_TTL: "150" };
      const artifact = pack({ KEY: secretValue() });
      const fleet = await Promise.all([1, 2, 3, 4].map(() => startOn(world, artifact, env)));
      await Promise.all(fleet.map(({ agent }) => agent.ready()));
      await sleep(17);
      const waited = fleet.map(
        ({ origin: { asked } }) => ((asked[1]?.at ?? 0) - (asked[0]?.at ?? 0)) / 1000,
      );
      const spread = Math.max(...waited) - Math.min(...waited);
      ensure(spread > 0.2, `seconds before their second looks: ${waited.join(", ")}`);
    },
  },
];
