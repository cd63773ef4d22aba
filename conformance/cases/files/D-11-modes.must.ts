import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { filesFolder, modeOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  { mode: undefined, file: "0440", directory: "0550" },
  { mode: "0400", file: "0400", directory: "0500" },
  { mode: "0444", file: "0444", directory: "0555" },
].map(({ mode, file, directory }): Case => ({
  name: `give files the mode ${mode ?? "0440, which is the default"}`,
  needs: ["files"],
  run: async (world) => {
    const { folder, env } = await filesFolder(world);
    const more = mode === undefined ? {} : { CLEF_AGENT_FILES_MODE: mode };
    await servingOn(world, pack({ TOP: secretValue(), app: { KEY: secretValue() } }), {
      ...env,
      ...more,
    });
    equal(await modeOf(path.join(folder, "TOP")), file, "the mode of a file");
    equal(await modeOf(path.join(folder, "app/KEY")), file, "the mode of a file in a namespace");
    // The owner may have the right to change it as well.
    const bits = (Number.parseInt(await modeOf(path.join(folder, "app")), 8) & ~0o200)
      .toString(8)
      .padStart(4, "0");
    equal(bits, directory, "the mode of a directory");
  },
}));
