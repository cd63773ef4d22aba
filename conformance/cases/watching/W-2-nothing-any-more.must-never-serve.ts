import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, hold, servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "anything to a held request after a revocation, but 503 at once",
    needs: ["waiting"],
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      const { agent } = started;
      const waiting = Promise.all(
        ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys"].map(async (path) =>
          wait(agent, path, await tagOf(agent, path), 200),
        ),
      );
      // A request that comes after the marker would be refused as well.
      await sleep(1);
      await hold(started, marker());
      for (const answer of await waiting) {
        equal([answer.status, answer.json("error")], [503, "Artifact revoked"], "the answer");
      }
    },
  },
  {
    name: "anything to a held request after the artifact's expiry, but 503",
    needs: ["waiting"],
    waitsSeconds: 5,
    run: async (world) => {
      const { agent } = await expiring(world, { KEY: secretValue() }, 5);
      const answer = await wait(agent, "/v1/secrets", await tagOf(agent, "/v1/secrets"), 200);
      equal(answer.status, 503, "the status");
    },
  },
];
