import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "log JSON, a line each, where that is asked for, and nothing below its level",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_LOG_FORMAT: "json",
      });
      const lines = agent.stderr.split("\n").slice(0, -1);
      ensure(lines.length > 0, "it logs nothing");
      for (const line of lines) ensure(typeof JSON.parse(line) === "object", line);
      const quiet = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_LOG_LEVEL: "error",
      });
      equal(quiet.agent.stderr, "", "its log at the level error");
    },
  },
];
