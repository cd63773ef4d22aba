import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { environmentOf, exec } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "keep its own variables from the command, but for an address and a token",
    needs: ["exec"],
    run: async (world) => {
      const secrets = {
        KEY: secretValue(),
        CLEF_TELEMETRY_TOKEN: secretValue(),
        app: { CLEF_TELEMETRY_HEADERS: "a=b" },
      };
      const env = await environmentOf(world, secrets, [], {
        CLEF_SIGNING_KEY: "not for the command",
        CLEF_AGENT_LOG_LEVEL: "warn",
        OTHER: "stays",
      });
      const own = Object.keys(env)
        .filter((name) => name.includes("CLEF_"))
        .toSorted();
      equal(own, ["CLEF_AGENT_TOKEN", "CLEF_AGENT_URL"], "the variables of the agent");
      equal([env["OTHER"], env["KEY"]], ["stays", secrets.KEY], "the others");
    },
  },
  {
    name: "serve the command at the address and with the token that it gave it",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const program = `fetch(process.env.CLEF_AGENT_URL + "/v1/secrets/KEY", {
        headers: { authorization: "Bearer " + process.env.CLEF_AGENT_TOKEN },
      }).then((answer) => answer.text()).then((text) => process.stdout.write(text))`;
      const { agent } = await exec(world, { secrets }, [], [process.execPath, "-e", program]);
      equal(await agent.ended(), 0, "the exit code");
      ensure(
        agent.stdout === JSON.stringify({ value: secrets.KEY }),
        "the command did not get the secret",
      );
    },
  },
];
