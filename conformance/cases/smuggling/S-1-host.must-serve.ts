import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "requests to 127.0.0.1, localhost and [::1], alone and with the port",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      for (const name of ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"]) {
        for (const host of [name, `${name}:${agent.port}`]) {
          equal((await agent.get("/v1/secrets", { headers: { host } })).status, 200, host);
        }
      }
    },
  },
];
