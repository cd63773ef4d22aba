import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { SECRETS_PATHS } from "../../tools/paths.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "anything of what is past the TTL, by no path, and no 304 either",
    waitsSeconds: 35,
    run: async (world) => {
      const value = secretValue();
      const { agent, origin } = await servingOn(world, pack({ KEY: value, app: { KEY: value } }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      const tags = new Map<string, string | undefined>();
      for (const path of SECRETS_PATHS) tags.set(path, (await agent.get(path)).headers.get("etag"));
      origin.hangUp();
      await sleep(31.5);
      for (const [path, etag] of tags) {
        for (const headers of [{}, { "if-none-match": etag }]) {
          const answer = await agent.get(path, { headers });
          equal(answer.status, 503, path);
          ensure(
            ["Secrets expired", "Refresh failed"].includes(String(answer.json("error"))),
            answer.body,
          );
        }
      }
      equal((await agent.get("/v1/health")).json("expired"), true, "expired of /v1/health");
    },
  },
];
