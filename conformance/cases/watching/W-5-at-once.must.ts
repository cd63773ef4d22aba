import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";
import { wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "answer at once without If-None-Match, or where it does not match",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const started = performance.now();
      for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys"]) {
        const answers = {
          "without a tag": await agent.get(path, { headers: { prefer: "wait=100" } }),
          "another tag": await wait(agent, path, '"other"', 100),
        };
        for (const [name, answer] of Object.entries(answers)) {
          equal([answer.status, answer.headers.get("preference-applied")], [200, undefined], name);
        }
      }
      const missing = await wait(agent, "/v1/secrets/NONE", '"other"', 100);
      equal(missing.status, 404, "a secret that is not there");
      ensure(performance.now() - started < 20_000, "it waited");
    },
  },
  {
    name: "answer 401 at once without the token",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const answer = await wait(agent, "/v1/secrets", "*", 100, { authorization: "Bearer wrong" });
      equal(answer.status, 401, "the status");
    },
  },
];
