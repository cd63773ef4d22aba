import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { exec } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "end with a command that crashes, and not start it again",
    needs: ["exec"],
    run: async (world) => {
      const { agent } = await exec(
        world,
        { secrets: { KEY: secretValue() } },
        [],
        ["sh", "-c", "echo ran; exit 3"],
      );
      equal([await agent.ended(), agent.stdout], [3, "ran\n"], "its end");
      equal(await agent.tryGet("/v1/health"), undefined, "what listens after the end");
    },
  },
];
