import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import type { Origin } from "../../tools/origin.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

/** The seconds between one request to the origin and the next. */
function gaps({ asked }: Origin): readonly number[] {
  return asked.slice(1).map(({ at }, index) => (at - (asked[index]?.at ?? at)) / 1000);
}

const within = (found: readonly number[], least: number, most: number): void => {
  ensure(found.length > 0, "the origin was not asked again");
  const wrong = found.filter((gap) => gap < least || gap > most);
  ensure(
    wrong.length === 0,
    `seconds between two looks: ${found.map((gap) => gap.toFixed(2)).join(", ")}`,
  );
};

export const cases: readonly Case[] = [
  {
    name: "look every 5 seconds with a TTL of 30, and no sooner",
    waitsSeconds: 22,
    run: async (world) => {
      const { origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      await sleep(22);
      within(gaps(origin), 4.8, 7);
    },
  },
  {
    name: "look every tenth of the TTL",
    waitsSeconds: 26,
    run: async (world) => {
      const { origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "120",
      });
      await sleep(26);
      within(gaps(origin), 4.8, 14);
      ensure(origin.asked.length <= 4, `it was asked ${origin.asked.length} times in 26 s`);
    },
  },
  {
    name: "look before the artifact expires, though the TTL is long",
    waitsSeconds: 14,
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { expiresAt: new Date(Date.now() + 12_000) });
      const { agent, origin } = await servingOn(world, artifact, { CLEF_AGENT_CACHE_TTL: "3000" });
      const next = { KEY: secretValue() };
      origin.put(pack(next));
      await agent.serves(next, 11.5);
    },
  },
  {
    name: "look every 5 seconds in just-in-time mode",
    needs: ["jit"],
    waitsSeconds: 17,
    run: async (world) => {
      const { origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "0",
      });
      await sleep(17);
      within(gaps(origin), 4.8, 7);
      ensure(origin.asked.length >= 3, `it was asked ${origin.asked.length} times in 17 s`);
    },
  },
  {
    name: "leave the origin alone, however often clients read what is fresh",
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      for (let n = 0; n < 50; n++) await agent.get("/v1/secrets");
      equal(origin.asked.length, 1, "how often the origin was asked");
    },
  },
];
