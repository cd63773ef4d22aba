import type { Case } from "../../suite/case.ts";
import { startClouds } from "../../tools/clouds.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "a payload of a megabyte under an envelope",
    needs: ["kms", "proxy", "tls"],
    run: async (world) => {
      const clouds = await startClouds(world);
      const secrets = { KEY: secretValue(), LONG: "long ".repeat(200_000) };
      const { agent } = await startOn(world, clouds.pack("aws", secrets), clouds.env);
      await agent.serves(secrets);
    },
  },
];
