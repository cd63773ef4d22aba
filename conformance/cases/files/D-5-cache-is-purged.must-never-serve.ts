import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { cached, stopped } from "../../tools/cached.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesBelow } from "../../tools/folders.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, hold } from "../../tools/verdict.ts";

const holds = async (folder: string, text: string): Promise<boolean> =>
  [...(await filesBelow(folder)).values()].some((bytes) => bytes.includes(text));

export const cases: readonly Case[] = [
  {
    name: "what was revoked, from the cache, in this life or the next",
    needs: ["cache"],
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() });
      const started = await cached(world, artifact);
      const { agent, cache, origin, env } = started;
      await hold(started, marker());
      await agent.refuses("revoked");
      await eventually(
        "it is gone from the cache",
        async () => !(await holds(cache, String(artifact["ciphertext"]))),
      );
      await stopped(started);
      origin.hangUp();
      const next = await world.agent({
        ...env,
        CLEF_AGENT_SOURCE: origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_STARTUP_TIMEOUT: "2",
      });
      equal(await next.ended(), 1, "the exit code of the next one");
    },
  },
  {
    name: "what has expired, from the cache",
    needs: ["cache"],
    waitsSeconds: 4,
    run: async (world) => {
      const cache = path.join(await world.directory(), "cache");
      const env = { CLEF_AGENT_CACHE_PATH: cache };
      const { agent, artifact } = await expiring(world, { KEY: secretValue() }, 4, env);
      await agent.refuses("artifact_expired");
      await eventually(
        "it is gone from the cache",
        async () => !(await holds(cache, String(artifact["ciphertext"]))),
      );
    },
  },
];
