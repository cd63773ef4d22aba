import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure } from "../../tools/expect.ts";
import type { RequestOptions } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const none = { authorization: undefined };

const PLACES: Readonly<Record<string, readonly [string, RequestOptions]>> = {
  "the query": [`/v1/secrets?token=${TOKEN}&access_token=${TOKEN}`, { headers: none }],
  "a cookie": ["/v1/secrets", { headers: { ...none, cookie: `token=${TOKEN}` } }],
  "headers of other agents": [
    "/v1/secrets",
    {
      headers: {
        ...none,
        "x-aws-parameters-secrets-token": TOKEN,
        "x-vault-token": TOKEN,
        "x-api-key": TOKEN,
      },
    },
  ],
  "the authorization for a proxy": [
    "/v1/secrets",
    { headers: { ...none, "proxy-authorization": `Bearer ${TOKEN}` } },
  ],
  "the user of an address": [`http://:${TOKEN}@127.0.0.1/v1/secrets`, { headers: none }],
};

export const cases: readonly Case[] = Object.entries(PLACES).map(
  ([name, [path, options]]): Case => ({
    name: `a request with the token in ${name}`,
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      const answer = await agent.get(path, options);
      ensure(answer.status >= 400 && answer.status < 500, `the status is ${answer.status}`);
      ensure(!answer.body.includes(value), "it gives the secret");
    },
  }),
);
