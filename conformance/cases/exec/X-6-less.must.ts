import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "hand over no secret with --no-env, and no way to them with --no-api",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const none = await environmentOf(world, secrets, ["--no-env"]);
      equal(
        [none["KEY"], none["CLEF_AGENT_TOKEN"] === undefined],
        [undefined, false],
        "with --no-env",
      );
      const closed = await environmentOf(world, secrets, ["--no-api"], {
        CLEF_AGENT_PORT: undefined,
      });
      const own = Object.keys(closed).filter((name) => name.startsWith("CLEF_AGENT_"));
      equal([closed["KEY"], own], [secrets.KEY, []], "with --no-api");
    },
  },
];
