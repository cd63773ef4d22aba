import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached } from "../../tools/cached.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "what the cache holds past the TTL, however often it is restarted",
    needs: ["cache"],
    waitsSeconds: 35,
    run: async (world) => {
      const started = await cached(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      const refreshed = performance.now();
      started.origin.hangUp();
      let { agent } = started;
      for (let n = 0; n < 3; n++) {
        await agent.kill();
        agent = await world.agent({
          ...started.env,
          CLEF_AGENT_SOURCE: started.origin.url,
          CLEF_AGENT_AGE_KEY: AGE.identity,
          CLEF_AGENT_STARTUP_TIMEOUT: "0",
        });
        await agent.ready();
        await sleep(5);
      }
      await sleep(31.5 - (performance.now() - refreshed) / 1000);
      equal((await agent.get("/v1/secrets")).status, 503, "the status past the TTL");
    },
  },
];
