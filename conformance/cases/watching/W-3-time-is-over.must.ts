import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "answer 304 when the time is over, and say how long it was",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = await tagOf(agent, "/v1/secrets");
      const started = performance.now();
      const answer = await wait(agent, "/v1/secrets", etag, 2);
      const seconds = (performance.now() - started) / 1000;
      equal(
        [answer.status, answer.body, answer.headers.get("etag")],
        [304, "", etag],
        "the answer",
      );
      equal(answer.headers.get("preference-applied"), "wait=2", "Preference-Applied");
      ensure(seconds >= 1.9, `it came after ${seconds} s`);
    },
  },
  {
    name: "take more than 240 seconds as 240",
    needs: ["waiting"],
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = await tagOf(started.agent, "/v1/secrets");
      const waiting = [241, 100_000, "wait=99999999999999999999"].map((prefer) =>
        wait(started.agent, "/v1/secrets", etag, prefer),
      );
      // A change that came before they wait would be answered at once.
      await sleep(1);
      await hold(started, pack({ KEY: secretValue() }));
      for (const answer of await Promise.all(waiting)) {
        equal(answer.headers.get("preference-applied"), "wait=240", "Preference-Applied");
      }
    },
  },
];
