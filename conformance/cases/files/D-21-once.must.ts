import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { AGE, ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "write the set with files --once, leave it, and exit with 0",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const value = secretValue();
      const origin = await world.origin(pack({ KEY: value }));
      const all = { ...env, CLEF_AGENT_SOURCE: origin.url, CLEF_AGENT_AGE_KEY: AGE.identity };
      const agent = await world.agent({ ...all, CLEF_AGENT_PORT: undefined }, ["files", "--once"]);
      equal(
        [await agent.ended(), await textOf(folder, "KEY")],
        [0, value],
        "the exit code and the file",
      );
    },
  },
  {
    name: "exit with 1 where nothing may be served within the start-up time",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const origin = await world.origin(pack({ KEY: secretValue() }));
      const all = { ...env, CLEF_AGENT_SOURCE: origin.url, CLEF_AGENT_AGE_KEY: AGE.identity };
      const unsigned = {
        CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
        CLEF_AGENT_STARTUP_TIMEOUT: "1",
      };
      const agent = await world.agent({ ...all, ...unsigned, CLEF_AGENT_PORT: undefined }, [
        "files",
        "--once",
      ]);
      equal(
        [await agent.ended(), await textOf(folder, "KEY")],
        [1, undefined],
        "the exit code and the file",
      );
    },
  },
];
