import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "what expired while its process was stopped, in the first answer after it",
    waitsSeconds: 6,
    run: async (world) => {
      const { agent, origin, expiresAt } = await expiring(world, { KEY: secretValue() }, 4);
      origin.hangUp();
      agent.signal("SIGSTOP");
      // They wait in the system until it goes on, before any timer of it can have its turn.
      const waiting = ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys"].map((path) => agent.get(path));
      await sleep(Math.max(0, expiresAt.getTime() - Date.now()) / 1000 + 0.5);
      agent.signal("SIGCONT");
      for (const answer of await Promise.all(waiting)) equal(answer.status, 503, "the status");
    },
  },
  {
    name: "what is past its TTL after its process was stopped",
    waitsSeconds: 35,
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      origin.hangUp();
      agent.signal("SIGSTOP");
      const waiting = agent.get("/v1/secrets");
      await sleep(32);
      agent.signal("SIGCONT");
      equal((await waiting).status, 503, "the status");
    },
  },
];
