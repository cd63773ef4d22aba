import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, servingOn } from "../../tools/verdict.ts";

const ASKED_TO_WAIT: Readonly<Record<string, readonly [number, Readonly<Record<string, string>>]>> =
  {
    "429 with Retry-After": [429, { "retry-after": "12" }],
    "503 with Retry-After": [503, { "retry-after": "12" }],
  };

export const cases: readonly Case[] = [
  ...Object.entries(ASKED_TO_WAIT).map(([name, [status, headers]]): Case => ({
    name: `wait as long as the origin asked, after ${name}`,
    waitsSeconds: 12,
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_CACHE_TTL: "30",
      });
      origin.refuse(status, headers);
      agent.signal("SIGHUP");
      await origin.askedAgain();
      const asked = origin.asked.length;
      await sleep(11);
      equal(origin.asked.length, asked, "how often the origin was asked");
      equal((await agent.get("/v1/secrets")).status, 200, "the status meanwhile");
    },
  })),
  {
    name: "not hammer an origin that fails, though clients ask for what has expired",
    waitsSeconds: 12,
    run: async (world) => {
      const { agent, origin } = await expiring(world, { KEY: secretValue() }, 3);
      origin.refuse(500);
      await agent.refuses("artifact_expired");
      const asked = origin.asked.length;
      const end = performance.now() + 8_000;
      let requests = 0;
      for (; performance.now() < end; requests++) await agent.get("/v1/secrets");
      const looks = origin.asked.length - asked;
      ensure(looks <= 10, `the origin was asked ${looks} times for ${requests} requests in 8 s`);
    },
  },
];
