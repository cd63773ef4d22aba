import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, eventually, sleep } from "../../tools/expect.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, hold } from "../../tools/verdict.ts";

const signWith = ED25519;

export const cases: readonly Case[] = [
  {
    name: "an artifact from its expiresAt on, whatever the origin says of it",
    waitsSeconds: 10,
    run: async (world) => {
      const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };
      const started = await expiring(world, { KEY: secretValue() }, 4, env);
      const { expiresAt } = started;
      const { agent } = started;
      await eventually("it is refused", async () => {
        const before = Date.now();
        const answer = await agent.get("/v1/secrets");
        if (answer.status === 200) {
          ensure(
            before <= expiresAt.getTime(),
            `it is served ${before - expiresAt.getTime()} ms after its expiry`,
          );
          return false;
        }
        equal(answer.status, 503, "the status");
        ensure(Date.now() >= expiresAt.getTime() - 50, "it is refused before its expiry");
        return true;
      });
      await agent.refuses("artifact_expired");
      agent.signal("SIGHUP");
      await sleep(1);
      const answer = await agent.get("/v1/secrets");
      equal(answer.status, 503, "the status after another look");
      ensure(
        ["Secrets expired", "Refresh failed"].includes(String(answer.json("error"))),
        answer.body,
      );
      const next = { KEY: secretValue() };
      await hold(started, pack(next, { signWith }));
      await agent.serves(next);
    },
  },
  {
    name: "the value of a secret from the artifact's expiresAt on, to one who reads it all the time",
    waitsSeconds: 10,
    run: async (world) => {
      const { agent, expiresAt } = await expiring(world, { KEY: secretValue() }, 4);
      const end = Date.now() + 6_000;
      while (Date.now() < end) {
        const before = Date.now();
        const { status } = await agent.get("/v1/secrets/KEY");
        ensure(
          status !== 200 || before <= expiresAt.getTime(),
          `${before - expiresAt.getTime()} ms after its expiry`,
        );
      }
    },
  },
];
