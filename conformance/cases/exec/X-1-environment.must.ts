import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "hand over all secrets by their flat names, whatever text they are",
    needs: ["exec"],
    run: async (world) => {
      const secrets = {
        TOP: secretValue(),
        app: { DB_URL: secretValue(), LINES: "a\nb 'c' \"d\" $e `f` ключ", EMPTY: "" },
      };
      const env = await environmentOf(world, secrets);
      const found = [env["TOP"], env["app__DB_URL"], env["app__LINES"], env["app__EMPTY"]];
      equal(
        found,
        [secrets.TOP, secrets.app.DB_URL, secrets.app.LINES, ""],
        "what the command got",
      );
    },
  },
];
