import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "write a file for every secret with its bare value, and follow each change",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const secrets = { TOP: secretValue(), GONE: "x", app: { KEY: "two\nlines '\" \u0000 ключ" } };
      const started = await servingOn(world, pack(secrets), env);
      equal(await textOf(folder, "TOP"), secrets.TOP, "TOP");
      equal(await textOf(folder, "app/KEY"), secrets.app.KEY, "app/KEY");
      const next = { TOP: secretValue(), app: { NEW: secretValue() } };
      await hold(started, pack(next));
      await eventually(
        "TOP is the new one",
        async () => (await textOf(folder, "TOP")) === next.TOP,
      );
      await eventually(
        "the new name is there",
        async () => (await textOf(folder, "app/NEW")) === next.app.NEW,
      );
      await eventually(
        "gone names are gone",
        async () => (await textOf(folder, "GONE")) === undefined,
      );
      equal(await textOf(folder, "app/KEY"), undefined, "a name of before");
    },
  },
];
