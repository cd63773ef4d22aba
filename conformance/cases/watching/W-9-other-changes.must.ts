import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
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
      const paths = ["/v1/secrets/KEY", "/v1/keys"];
      const tags = await Promise.all(paths.map((path) => tagOf(agent, path)));
      const began = performance.now();
      const waiting = paths.map(async (path, at) => {
        const answer = await wait(agent, path, tags[at] ?? "", 5);
        return { answer, seconds: (performance.now() - began) / 1000 };
      });
      // A change that came before they wait would tell nothing.
      await sleep(1);
      const next = { KEY, OTHER: secretValue() };
      await hold(started, pack(next));
      await agent.serves(next);
      for (const { answer, seconds } of await Promise.all(waiting)) {
        equal(answer.status, 304, "the status");
        ensure(seconds > 4.8, `it was answered after ${seconds} s`);
      }
    },
  },
];
