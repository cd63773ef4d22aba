import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "answer held requests with 503 when it stops",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const waiting = wait(agent, "/v1/secrets", await tagOf(agent, "/v1/secrets"), 200);
      await sleep(1);
      agent.signal("SIGTERM");
      equal((await waiting).status, 503, "the status");
      equal(await agent.ended(10), 0, "its exit code");
    },
  },
];
