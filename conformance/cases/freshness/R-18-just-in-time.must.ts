import type { Case } from "../../suite/case.ts";
import { startClouds } from "../../tools/clouds.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "ask the KMS for every request, and answer 503 once it refuses",
    needs: ["jit", "kms", "proxy", "tls"],
    run: async (world) => {
      const clouds = await startClouds(world);
      const secrets = { KEY: secretValue() };
      const env = { ...clouds.env, CLEF_AGENT_CACHE_TTL: "0" };
      const { agent } = await startOn(world, clouds.pack("aws", secrets), env);
      await agent.ready();
      const before = clouds.unwrapped;
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => agent.get("/v1/secrets/KEY")),
      );
      for (const answer of answers)
        equal([answer.status, answer.json("value")], [200, secrets.KEY], "the answer");
      ensure(
        clouds.unwrapped >= before + 5,
        `5 requests asked the KMS ${clouds.unwrapped - before} times`,
      );
      clouds.denies = true;
      const denied = await agent.get("/v1/secrets/KEY");
      equal(
        [denied.status, denied.json("error")],
        [503, "Decryption failed"],
        "the answer without the KMS",
      );
      clouds.denies = false;
      equal((await agent.get("/v1/secrets/KEY")).status, 200, "the status when it is back");
    },
  },
];
