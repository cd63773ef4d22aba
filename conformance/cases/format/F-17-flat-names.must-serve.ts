import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "a key in a namespace, as <namespace>__<key>",
    run: async (world) => {
      const [db, api, top] = [secretValue(), secretValue(), secretValue()];
      const artifact = pack({ web: { DB_URL: db }, TOP: top, app: { API_KEY: api } });
      const { agent } = await servingOn(world, artifact);
      const flat = { web__DB_URL: db, TOP: top, app__API_KEY: api };
      equal(JSON.parse((await agent.get("/v1/secrets?format=flat")).body), flat, "the flat form");
      equal(JSON.parse((await agent.get("/v1/keys")).body), Object.keys(flat), "the names");
      equal((await agent.get("/v1/secrets/app__API_KEY")).json("value"), api, "a flat name");
    },
  },
];
