import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "the payload as it was packed, and in flat form",
    run: async (world) => {
      const secrets = {
        web: { KEY: secretValue() },
        TOP: secretValue(),
        app: { KEY: secretValue(), URL: secretValue() },
      };
      const { agent } = await servingOn(world, pack(secrets));
      const nested = await agent.get("/v1/secrets");
      equal(nested.headers.get("content-type")?.split(";")[0], "application/json", "the type");
      equal(JSON.stringify(JSON.parse(nested.body)), JSON.stringify(secrets), "the payload");
      const flat = {
        web__KEY: secrets.web.KEY,
        TOP: secrets.TOP,
        app__KEY: secrets.app.KEY,
        app__URL: secrets.app.URL,
      };
      const answer = await agent.get("/v1/secrets?format=flat");
      equal(JSON.stringify(JSON.parse(answer.body)), JSON.stringify(flat), "the flat form");
      equal((await agent.get("/v1/secrets?format=other")).status, 400, "an unknown format");
    },
  },
];
