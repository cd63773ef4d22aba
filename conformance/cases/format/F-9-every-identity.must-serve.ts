import { writeFile } from "node:fs/promises";
import path from "node:path";
import { newAgeKey } from "../../tools/age.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { AGE, OTHER_AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import type { Case } from "../../suite/case.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "the last identity of a file with several, and comments between",
    run: async (world) => {
      const file = path.join(await world.directory(), "age.keys");
      const identities = [newAgeKey().identity, OTHER_AGE.identity, AGE.identity];
      await writeFile(file, `# made today\n\n${identities.join("\n# another\n")}\n`);
      const secrets = { KEY: secretValue() };
      const { agent } = await servingOn(world, pack(secrets), {
        CLEF_AGENT_AGE_KEY: undefined,
        CLEF_AGENT_AGE_KEY_FILE: file,
      });
      equal(await agent.secrets(), secrets, "what is served");
    },
  },
];
