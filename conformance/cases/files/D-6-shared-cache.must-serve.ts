import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import path from "node:path";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "its own source's artifact from a directory that agents share",
    needs: ["cache"],
    run: async (world) => {
      const CLEF_AGENT_CACHE_PATH = path.join(await world.directory(), "cache");
      const sets = [{ KEY: secretValue() }, { KEY: secretValue() }];
      const all = await Promise.all(
        sets.map((secrets) => servingOn(world, pack(secrets), { CLEF_AGENT_CACHE_PATH })),
      );
      for (const [at, started] of all.entries()) {
        await stopped(started);
        started.origin.hangUp();
        const env = { CLEF_AGENT_CACHE_PATH, CLEF_AGENT_AGE_KEY: AGE.identity };
        const agent = await world.agent({ ...env, CLEF_AGENT_SOURCE: started.origin.url });
        await agent.serves(sets[at]);
      }
    },
  },
];
