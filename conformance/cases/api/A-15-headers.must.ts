import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { readAnswer, exchange } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "forbid caching and sniffing in every answer",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = (await agent.get("/v1/secrets")).headers.get("etag");
      const answers = {
        200: await agent.get("/v1/secrets"),
        "200 of one": await agent.get("/v1/secrets/KEY"),
        "200 of health": await agent.get("/v1/health"),
        304: await agent.get("/v1/secrets", { headers: { "if-none-match": etag } }),
        400: await agent.get("/v1/secrets/%"),
        401: await agent.get("/v1/secrets", { headers: { authorization: undefined } }),
        403: await agent.get("/v1/secrets", { headers: { host: "example.com" } }),
        404: await agent.get("/v1/none"),
        405: await agent.get("/v1/secrets", { method: "PUT" }),
        "what is no HTTP": readAnswer(await exchange(agent.port, "NONSENSE\r\n\r\n")),
      };
      for (const [name, { headers }] of Object.entries(answers)) {
        equal(headers.get("cache-control"), "no-store", `Cache-Control of ${name}`);
        equal(
          headers.get("x-content-type-options"),
          "nosniff",
          `X-Content-Type-Options of ${name}`,
        );
      }
    },
  },
];
