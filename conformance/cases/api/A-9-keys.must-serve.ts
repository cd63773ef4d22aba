import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "the flat names in packed order, numbers too",
    run: async (world) => {
      // Objects of JavaScript put names that are numbers first.
      const payload = `{"z":"1","10":"2","app":{"b":"3","2":"4","a":"5"},"a":"${secretValue()}","1":"7"}`;
      const { agent } = await servingOn(world, pack(payload));
      const names = ["z", "10", "app__b", "app__2", "app__a", "a", "1"];
      equal(JSON.parse((await agent.get("/v1/keys")).body), names, "the names");
    },
  },
];
