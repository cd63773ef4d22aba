import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "take an empty value for none",
    run: async (world) => {
      const empty = {
        CLEF_AGENT_VERIFY_KEY: "",
        CLEF_AGENT_CACHE_TTL: "",
        CLEF_AGENT_IDENTITY: "",
        CLEF_AGENT_LOG_LEVEL: "",
      };
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), empty);
      equal((await agent.get("/v1/health")).json("mode"), "cached", "the mode");
    },
  },
  {
    name: "refuse a variable and its file together",
    run: async (world) => {
      const file = path.join(await world.directory(), "age.key");
      await writeFile(file, AGE.identity);
      const { agent } = await startOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_AGE_KEY_FILE: file,
      });
      equal(await agent.ended(), 1, "the exit code");
      ensure(agent.stderr.includes("CLEF_AGENT_AGE_KEY_FILE"), "the log does not name it");
    },
  },
];
