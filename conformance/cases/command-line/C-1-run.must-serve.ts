import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [[], ["run"]].map((args): Case => ({
  name: `as ${args.length === 0 ? "the command alone" : "run"}`,
  run: async (world) => {
    const secrets = { KEY: secretValue() };
    const origin = await world.origin(pack(secrets));
    const env = { CLEF_AGENT_SOURCE: origin.url, CLEF_AGENT_AGE_KEY: AGE.identity };
    await (await world.agent(env, args)).serves(secrets);
  },
}));
