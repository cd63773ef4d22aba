import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { recorder } from "../../tools/exec.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

const CODES = { SIGTERM: 143, SIGINT: 130, SIGQUIT: 131, SIGHUP: 129 } as const;

export const cases: readonly Case[] = Object.entries(CODES).map(([name, code]): Case => ({
  name: `end with ${code} on ${name} while there is nothing to run the command with`,
  needs: ["exec"],
  run: async (world) => {
    const { command, lines } = await recorder(world);
    const origin = await world.origin(pack({ KEY: secretValue() }));
    origin.behaviour = () => undefined;
    const env = { CLEF_AGENT_SOURCE: origin.url, CLEF_AGENT_AGE_KEY: AGE.identity };
    const agent = await world.agent(env, ["exec", "--", ...command]);
    await eventually("the origin is asked", () => origin.asked.length > 0);
    agent.signal(name as NodeJS.Signals);
    equal(await agent.ended(), code, "the exit code");
    equal(await lines(), [], "what the command wrote");
  },
}));
