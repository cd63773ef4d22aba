import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";

/** Less than any poll would take, at the default TTL. */
const SOON = 10;

export const cases: readonly Case[] = [
  {
    name: "the next artifact soon after the file was replaced, and after it was written over",
    run: async (world) => {
      const folder = await world.directory();
      const file = path.join(folder, "artifact.json");
      const first = { KEY: secretValue() };
      await writeFile(file, JSON.stringify(pack(first)));
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: file,
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      await agent.serves(first);
      const second = { KEY: secretValue() };
      await writeFile(`${file}.new`, JSON.stringify(pack(second)));
      await rename(`${file}.new`, file);
      await agent.serves(second, SOON);
      const third = { KEY: secretValue() };
      await writeFile(file, JSON.stringify(pack(third)));
      await agent.serves(third, SOON);
    },
  },
  {
    name: "the next artifact soon after a link was changed, as Kubernetes changes what it mounts",
    run: async (world) => {
      const folder = await world.directory();
      const put = async (name: string, secrets: object): Promise<void> => {
        await mkdir(path.join(folder, name));
        await writeFile(path.join(folder, name, "artifact.json"), JSON.stringify(pack(secrets)));
        await symlink(name, path.join(folder, "..data_tmp"));
        await rename(path.join(folder, "..data_tmp"), path.join(folder, "..data"));
      };
      const first = { KEY: secretValue() };
      await put("..one", first);
      await symlink("..data/artifact.json", path.join(folder, "artifact.json"));
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: path.join(folder, "artifact.json"),
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      await agent.serves(first);
      const second = { KEY: secretValue() };
      await put("..two", second);
      await agent.serves(second, SOON);
    },
  },
];
