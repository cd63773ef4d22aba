import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, eventually } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring } from "../../tools/verdict.ts";

/** How long the origin takes, in milliseconds. */
const SLOW = 600;

export const cases: readonly Case[] = [
  {
    name: "let requests for expired secrets wait for one look at the source, and share it",
    waitsSeconds: 12,
    run: async (world) => {
      const { agent, origin } = await expiring(world, { KEY: secretValue() }, 3);
      await agent.refuses("artifact_expired");
      const next = secretValue();
      origin.put(pack({ KEY: next }));
      origin.behaviour = (request, response) =>
        void setTimeout(() => origin.answer(request, response), SLOW);
      const asked = origin.asked.length;
      const waited = await eventually("requests get the new secret", async () => {
        const started = performance.now();
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => agent.get("/v1/secrets/KEY")),
        );
        const given = answers.filter(({ status, body }) => status === 200 && body.includes(next));
        // Some may come before the agent may ask again, and the rest after it.
        return given.length > 0 ? performance.now() - started : undefined;
      });
      ensure(
        waited > SLOW / 3,
        `they were given it after ${Math.round(waited)} ms, so none of them waited for it`,
      );
      const looks = origin.asked.length - asked;
      ensure(looks <= 2, `the origin was asked ${looks} times`);
    },
  },
];
