import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached, stopped } from "../../tools/cached.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "what the cache holds, when it starts without its origin",
    needs: ["cache"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const started = await cached(world, pack(secrets));
      const at = Number((await started.agent.get("/v1/health")).json("lastRefreshAt"));
      await stopped(started);
      started.origin.hangUp();
      const agent = await world.agent({
        ...started.env,
        CLEF_AGENT_SOURCE: started.origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      await agent.serves(secrets);
      // A read of the cache is no refresh.
      const last = Number((await agent.get("/v1/health")).json("lastRefreshAt"));
      equal(Math.abs(last - at) < 2_000, true, "whether lastRefreshAt is that of before");
      const next = { KEY: secretValue() };
      started.origin.behaviour = undefined;
      started.origin.put(pack(next));
      await agent.serves(next);
    },
  },
];
