import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const HEADERS: readonly (readonly [string, string])[] = [
  ["Forwarded", "for=192.0.2.1"],
  ["X-Forwarded-For", "127.0.0.1"],
  ["X-Forwarded-Host", "127.0.0.1"],
  ["x-FORWARDED-for", "127.0.0.1"],
  ["X-Forwarded-For", ""],
];

export const cases: readonly Case[] = HEADERS.map(([name, value]): Case => ({
  name: `a request with ${name}: ${value || "nothing"}`,
  run: async (world) => {
    const secret = secretValue();
    const { agent } = await servingOn(world, pack({ KEY: secret }));
    for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/health", "/v1/none"]) {
      const answer = await agent.get(path, { headers: { [name]: value } });
      equal(answer.status, 403, path);
      ensure(!answer.body.includes(secret), `${path} gives the secret`);
    }
  },
}));
