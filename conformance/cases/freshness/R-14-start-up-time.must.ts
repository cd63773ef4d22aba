import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "exit with 1 when the start-up time is over, and not before",
    waitsSeconds: 4,
    run: async (world) => {
      const started = performance.now();
      const env = { CLEF_AGENT_STARTUP_TIMEOUT: "3" };
      const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), env);
      origin.refuse(404);
      equal(await agent.ended(30), 1, "its exit code");
      const seconds = (performance.now() - started) / 1000;
      ensure(seconds >= 2.9, `it gave up after ${seconds} s`);
    },
  },
  {
    name: "never give up with a start-up time of 0",
    waitsSeconds: 64,
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { agent, origin } = await startOn(world, pack(secrets), {
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
      });
      origin.refuse(404);
      await sleep(62);
      equal(agent.exit, undefined, "its end");
      origin.behaviour = undefined;
      await agent.serves(secrets);
    },
  },
];
