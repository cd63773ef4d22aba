import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "give the same answer to a wrong Host or a proxy, whatever the token",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      for (const wrong of [{ host: "example.com" }, { "x-forwarded-for": "10.0.0.1" }]) {
        const answers = [undefined, "Bearer wrong", "right"].map((authorization) =>
          agent.get("/v1/secrets", {
            headers: authorization === "right" ? wrong : { ...wrong, authorization },
          }),
        );
        const told = (await Promise.all(answers)).map(({ status, body }) => [status, body]);
        equal([told[1], told[2]], [told[0], told[0]], "the other answers");
        equal(told[0]?.[0], 403, "the status");
      }
    },
  },
];
