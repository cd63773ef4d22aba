import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "log on standard error, and leave standard output to results",
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      await stopped(started);
      equal(started.agent.stdout, "", "its standard output");
      ensure(started.agent.stderr !== "", "its standard error is empty");
    },
  },
];
