import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "refuse to look again within a second",
    needs: ["refresh"],
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      await sleep(1.1);
      equal((await agent.get("/v1/refresh", { method: "POST" })).status, 200, "the first");
      const asked = origin.asked.length;
      const again = await agent.get("/v1/refresh", { method: "POST" });
      equal([again.status, again.headers.get("retry-after")], [429, "1"], "one at once");
      equal(origin.asked.length, asked, "how often the origin was asked");
    },
  },
  {
    name: "refuse to look again while the source asked to wait",
    needs: ["refresh"],
    run: async (world) => {
      const { agent, origin } = await servingOn(world, pack({ KEY: secretValue() }));
      origin.refuse(429, { "retry-after": "60" });
      await sleep(1.1);
      equal(
        (await agent.get("/v1/refresh", { method: "POST" })).json("outcome"),
        "failed",
        "the first",
      );
      await sleep(1.1);
      const asked = origin.asked.length;
      const again = await agent.get("/v1/refresh", { method: "POST" });
      const seconds = Number(again.headers.get("retry-after"));
      equal(again.status, 429, "the second");
      ensure(seconds > 30 && seconds <= 60, `Retry-After is ${seconds}`);
      equal(origin.asked.length, asked, "how often the origin was asked");
    },
  },
];
