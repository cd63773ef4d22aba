import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = ["Bearer", "bearer", "BEARER"].map((scheme): Case => ({
  name: `a request with the token and the scheme ${scheme}`,
  run: async (world) => {
    const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
    const headers = { authorization: `${scheme} ${TOKEN}` };
    equal((await agent.get("/v1/secrets", { headers })).status, 200, "the status");
  },
}));
