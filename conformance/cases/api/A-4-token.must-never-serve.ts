import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { SECRETS_PATHS } from "../../tools/paths.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const WRONG: Readonly<Record<string, string | undefined>> = {
  "no Authorization": undefined,
  "another token": "Bearer another-token-0123456789abc",
  "the token and one character more": `Bearer ${TOKEN}x`,
  "the token and one character less": `Bearer ${TOKEN.slice(0, -1)}`,
  "the token in another case": `Bearer ${TOKEN.toUpperCase()}`,
  "the token twice": `Bearer ${TOKEN} ${TOKEN}`,
  "no token": "Bearer",
  "an empty token": "Bearer ",
  "the token without a scheme": TOKEN,
  "the token by Basic": `Basic ${Buffer.from(`:${TOKEN}`).toString("base64")}`,
  "the token as a token": `Token ${TOKEN}`,
};

export const cases: readonly Case[] = Object.entries(WRONG).map(([name, authorization]): Case => ({
  name: `a request with ${name}`,
  run: async (world) => {
    const value = secretValue();
    const { agent } = await servingOn(world, pack({ KEY: value, app: { KEY: value } }));
    for (const path of SECRETS_PATHS) {
      const answer = await agent.get(path, { headers: { authorization } });
      equal([answer.status, answer.json("error")], [401, "Unauthorized"], path);
      equal(answer.headers.get("www-authenticate"), "Bearer", `WWW-Authenticate of ${path}`);
      ensure(!answer.body.includes(value), `${path} gives the secret`);
    }
  },
}));
