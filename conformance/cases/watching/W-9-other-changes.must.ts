import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "hold a request for one secret, or the names, through a change of another secret",
    needs: ["waiting"],
    run: async (world) => {
      const KEY = secretValue();
      const started = await servingOn(world, pack({ KEY, OTHER: secretValue() }));
      const { agent } = started;
      const waiting = ["/v1/secrets/KEY", "/v1/keys"].map(async (path) =>
        wait(agent, path, await tagOf(agent, path), 3),
      );
      const next = { KEY, OTHER: secretValue() };
      await hold(started, pack(next));
      await agent.serves(next);
      for (const answer of await Promise.all(waiting)) equal(answer.status, 304, "the status");
    },
  },
];
