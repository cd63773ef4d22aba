import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "let a secret win over a variable, and with --preserve-env the variable",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      equal((await environmentOf(world, secrets, [], { KEY: "set" }))["KEY"], secrets.KEY, "KEY");
      const kept = await environmentOf(world, secrets, ["--preserve-env"], { KEY: "set" });
      equal(kept["KEY"], "set", "KEY with --preserve-env");
    },
  },
  {
    name: "leave a handful of variables with --clear-env",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const given = { USER: "u", LANG: "C", LC_ALL: "C", TERM: "dumb", TZ: "UTC", TMPDIR: "/tmp" };
      const env = await environmentOf(world, secrets, ["--clear-env"], {
        ...given,
        OTHER: "gone",
        LD_X: "gone",
      });
      for (const [name, value] of Object.entries(given)) equal(env[name], value, name);
      equal(
        [env["KEY"], env["OTHER"], env["LD_X"]],
        [secrets.KEY, undefined, undefined],
        "the others",
      );
    },
  },
];
