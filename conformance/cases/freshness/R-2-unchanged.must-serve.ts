import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "the same past the TTL, while the origin answers 304",
    waitsSeconds: 40,
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      const first = Number((await agent.get("/v1/health")).json("lastRefreshAt"));
      await sleep(38);
      equal((await agent.get("/v1/secrets")).status, 200, "the status past the TTL");
      const later = origin.asked.slice(1);
      ensure(later.length > 2, "the origin was hardly asked");
      ensure(
        later.every(({ headers }) => headers["if-none-match"] !== undefined),
        "it does not ask by If-None-Match",
      );
      const last = Number((await agent.get("/v1/health")).json("lastRefreshAt"));
      ensure(last > first + 20_000, `lastRefreshAt went from ${first} to ${last}`);
    },
  },
  {
    name: "the same past the TTL, while an origin without ETags gives the same bytes",
    waitsSeconds: 40,
    run: async (world) => {
      const artifact = JSON.stringify(pack({ KEY: secretValue() }));
      const { agent, origin } = await servingOn(world, artifact, { CLEF_AGENT_CACHE_TTL: "30" });
      origin.behaviour = (_request, response) => void response.writeHead(200).end(artifact);
      await sleep(38);
      equal((await agent.get("/v1/secrets")).status, 200, "the status past the TTL");
    },
  },
];
