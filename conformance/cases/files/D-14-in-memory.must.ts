import { statfs } from "node:fs/promises";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

/** tmpfs and ramfs, by statfs(2). */
const IN_MEMORY = new Set([0x01021994, 0x858458f6]);

export const cases: readonly Case[] = [
  {
    name: "refuse a directory on a disk, and take it with CLEF_AGENT_FILES_ON_DISK=allow",
    needs: ["files"],
    run: async (world) => {
      const folder = await world.directory();
      // Where everything is in memory there is nothing to refuse.
      if (!IN_MEMORY.has((await statfs(folder)).type)) {
        const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), {
          CLEF_AGENT_FILES_DIR: folder,
        });
        equal(await agent.ended(), 1, "the exit code");
        equal(origin.asked.length, 0, "how often the origin was asked");
      }
      const value = secretValue();
      await servingOn(world, pack({ KEY: value }), {
        CLEF_AGENT_FILES_DIR: folder,
        CLEF_AGENT_FILES_ON_DISK: "allow",
      });
      equal(await textOf(folder, "KEY"), value, "the file");
    },
  },
];
