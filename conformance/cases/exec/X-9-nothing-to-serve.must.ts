import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "never run the command where nothing may be served",
    needs: ["exec"],
    run: async (world) => {
      const { command, lines } = await recorder(world);
      const { agent } = await exec(world, { artifact: pack({ KEY: secretValue() }) }, [], command, {
        CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
        CLEF_AGENT_STARTUP_TIMEOUT: "1",
      });
      equal(await agent.ended(), 1, "the exit code");
      equal(await lines(), [], "what the command wrote");
    },
  },
];
