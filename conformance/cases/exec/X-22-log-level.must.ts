import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { exec } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "log nothing that is no warning, unless asked to",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const quiet = await exec(world, { secrets }, [], ["true"]);
      equal([await quiet.agent.ended(), quiet.agent.stderr], [0, ""], "its end and its log");
      const env = { CLEF_AGENT_LOG_LEVEL: "info" };
      const told = await exec(world, { secrets }, [], ["true"], env);
      equal(await told.agent.ended(), 0, "the exit code");
      ensure(told.agent.stderr !== "", "it logs nothing at the level info");
    },
  },
];
