import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, eventually, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "look at least every 5 seconds while nothing was served, whatever fails",
    waitsSeconds: 18,
    run: async (world) => {
      const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }));
      origin.hangUp();
      await eventually("the first look", () => origin.asked.length > 0);
      await sleep(17);
      const times = [...origin.asked.map(({ at }) => at), performance.now()];
      const gaps = times.slice(1).map((at, index) => (at - (times[index] ?? at)) / 1000);
      ensure(Math.max(...gaps) < 5.6, `the longest pause was ${Math.max(...gaps)} s`);
      ensure(agent.exit === undefined, "it gave up before its time");
    },
  },
  {
    name: "look once more just before it gives up",
    waitsSeconds: 8,
    run: async (world) => {
      const env = { CLEF_AGENT_STARTUP_TIMEOUT: "7" };
      const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), env);
      origin.hangUp();
      await agent.ended();
      const sinceLast = (performance.now() - (origin.asked.at(-1)?.at ?? 0)) / 1000;
      ensure(sinceLast < 3.5, `the last look was ${sinceLast} s before its end`);
    },
  },
];
