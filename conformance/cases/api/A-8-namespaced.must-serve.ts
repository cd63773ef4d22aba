import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "a secret by its namespace and key, and none that is not there",
    run: async (world) => {
      const secrets = {
        TOP: secretValue(),
        app: { KEY: secretValue() },
        web: { KEY: secretValue() },
      };
      const { agent } = await servingOn(world, pack(secrets));
      equal(
        (await agent.get("/v1/secrets/app/KEY")).body,
        JSON.stringify({ value: secrets.app.KEY }),
        "app/KEY",
      );
      equal(
        (await agent.get("/v1/secrets/web/KEY")).body,
        JSON.stringify({ value: secrets.web.KEY }),
        "web/KEY",
      );
      for (const name of ["app/TOP", "other/KEY", "app/OTHER", "__proto__/KEY", "app/KEY/more"]) {
        equal((await agent.get(`/v1/secrets/${name}`)).status, 404, name);
      }
    },
  },
];
