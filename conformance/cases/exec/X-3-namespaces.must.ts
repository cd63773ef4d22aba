import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "hand over the namespaces named by bare keys, beside what has none",
    needs: ["exec"],
    run: async (world) => {
      const secrets = {
        TOP: secretValue(),
        app: { A: secretValue() },
        web: { B: secretValue() },
        job: { C: secretValue() },
      };
      const env = await environmentOf(world, secrets, ["--namespace", "app", "--namespace", "web"]);
      const found = [env["TOP"], env["A"], env["B"], env["C"], env["app__A"], env["job__C"]];
      equal(
        found,
        [secrets.TOP, secrets.app.A, secrets.web.B, undefined, undefined, undefined],
        "what the command got",
      );
    },
  },
];
