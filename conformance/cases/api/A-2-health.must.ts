import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const anybody = { headers: { authorization: undefined } };

export const cases: readonly Case[] = [
  {
    name: "tell anybody its health, with the revision and the time of the last refresh",
    run: async (world) => {
      const before = Date.now();
      const artifact = pack({ KEY: secretValue() });
      const { agent } = await servingOn(world, artifact);
      const answer = await agent.get("/v1/health", anybody);
      equal(answer.status, 200, "the status");
      const { status, mode, revision, expired } = JSON.parse(answer.body) as Record<
        string,
        unknown
      >;
      const { revision: packed } = artifact;
      equal(
        { status, mode, revision, expired },
        { status: "ok", mode: "cached", revision: packed, expired: false },
        "health",
      );
      const at = Number(answer.json("lastRefreshAt"));
      ensure(at >= before && at <= Date.now(), `lastRefreshAt is ${at}, not within this case`);
    },
  },
  {
    name: "be alive without its origin, and after a revocation",
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      const { agent, origin } = started;
      origin.hangUp();
      agent.signal("SIGHUP");
      await origin.askedAgain();
      equal((await agent.get("/v1/health", anybody)).status, 200, "health without an origin");
      origin.behaviour = undefined;
      await hold(started, marker());
      await agent.refuses("revoked");
      equal((await agent.get("/v1/health", anybody)).status, 200, "health after a revocation");
    },
  },
  {
    name: "say that it is in just-in-time mode",
    needs: ["jit"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "0",
      });
      equal((await agent.get("/v1/health", anybody)).json("mode"), "jit", "the mode");
    },
  },
];
