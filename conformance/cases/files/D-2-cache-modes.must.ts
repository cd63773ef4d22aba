import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached, stopped } from "../../tools/cached.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { filesBelow, modeOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "keep its cache to itself, and no half of anything",
    needs: ["cache"],
    run: async (world) => {
      const started = await cached(world, pack({ KEY: secretValue() }));
      for (let n = 0; n < 3; n++) {
        const secrets = { KEY: secretValue() };
        await hold(started, pack(secrets));
        await started.agent.serves(secrets);
      }
      await stopped(started);
      equal(await modeOf(started.cache), "0700", "the mode of the directory");
      const files = await filesBelow(started.cache);
      ensure(files.size > 0, "the cache is empty");
      for (const [file, bytes] of files) {
        equal(await modeOf(file), "0600", `the mode of ${file}`);
        ensure(bytes.length > 0, `${file} is empty`);
      }
    },
  },
];
