import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "leave somebody else's files alone, at its end too",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      await writeFile(path.join(folder, "other"), "mine");
      const started = await servingOn(world, pack({ KEY: secretValue() }), env);
      await stopped(started);
      equal(await textOf(folder, "other"), "mine", "the file");
    },
  },
  {
    name: "write nothing over a file of the same name, and say so in its health",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      await writeFile(path.join(folder, "KEY"), "mine");
      const { agent } = await startOn(world, pack({ KEY: secretValue() }), env);
      await eventually(
        "it fails",
        async () =>
          agent.exit !== undefined ||
          ((await agent.tryGet("/v1/health"))?.body.includes("failed") ?? false),
      );
      equal(await textOf(folder, "KEY"), "mine", "the file");
    },
  },
];
