import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached, stopped } from "../../tools/cached.ts";
import { filesBelow } from "../../tools/folders.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const GARBAGE = {
  nothing: "",
  text: "not a cache",
  JSON: "{}",
  "bytes of zero": "\0".repeat(5_000),
};

export const cases: readonly Case[] = [
  ...Object.entries(GARBAGE).map(([name, text]): Case => ({
    name: `from its origin, with a cache whose files hold ${name}`,
    needs: ["cache"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const started = await cached(world, pack(secrets));
      await stopped(started);
      for (const file of (await filesBelow(started.cache)).keys()) await writeFile(file, text);
      const env = { ...started.env, CLEF_AGENT_AGE_KEY: AGE.identity };
      const agent = await world.agent({ ...env, CLEF_AGENT_SOURCE: started.origin.url });
      await agent.serves(secrets);
    },
  })),
  {
    name: "from its origin, with a cache path that is no directory, or below none",
    needs: ["cache"],
    run: async (world) => {
      const file = path.join(await world.directory(), "file");
      await writeFile(file, "");
      const folder = path.join(await world.directory(), "others");
      await mkdir(folder, { mode: 0o777 });
      for (const CLEF_AGENT_CACHE_PATH of [file, path.join(file, "cache")]) {
        await servingOn(world, pack({ KEY: secretValue() }), { CLEF_AGENT_CACHE_PATH });
      }
    },
  },
];
