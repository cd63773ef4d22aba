import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "hand over what --only matches, and what --map names under another name alone",
    needs: ["exec"],
    run: async (world) => {
      const secrets = {
        DB_URL: secretValue(),
        DB_USER: secretValue(),
        API_KEY: secretValue(),
        "odd.name": secretValue(),
      };
      const env = await environmentOf(world, secrets, [
        "--only",
        "DB_*",
        "--map",
        "odd.name=ODD",
        "--map",
        "DB_USER=WHO",
      ]);
      const found = [env["DB_URL"], env["DB_USER"], env["API_KEY"], env["ODD"], env["WHO"]];
      equal(
        found,
        [secrets.DB_URL, undefined, undefined, secrets["odd.name"], secrets.DB_USER],
        "what the command got",
      );
    },
  },
  {
    name: "write names as shells have them with --shell-names",
    needs: ["exec"],
    run: async (world) => {
      const secrets = { "db.url-main": secretValue(), app: { "api-key": secretValue() } };
      const env = await environmentOf(world, secrets, ["--shell-names"]);
      equal(
        [env["DB_URL_MAIN"], env["APP__API_KEY"]],
        [secrets["db.url-main"], secrets.app["api-key"]],
        "what the command got",
      );
    },
  },
];
