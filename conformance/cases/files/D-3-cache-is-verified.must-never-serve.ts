import { writeFile } from "node:fs/promises";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { cached, stopped } from "../../tools/cached.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { filesBelow } from "../../tools/folders.ts";
import { AGE, ED25519, OTHER_AGE, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import type { Environment } from "../../tools/agent.ts";

/** What is changed between two lives of an agent whose cache is good. */
const CHANGES: Readonly<Record<string, Environment>> = {
  "that another verify key did not sign": { CLEF_AGENT_VERIFY_KEY: OTHER_ED25519.verifyKey },
  "that is for another identity": { CLEF_AGENT_IDENTITY: "web" },
  "that another age key does not open": { CLEF_AGENT_AGE_KEY: OTHER_AGE.identity },
};

export const cases: readonly Case[] = [
  ...Object.entries(CHANGES).map(([name, change]): Case => ({
    name: `an artifact from the cache ${name}`,
    needs: ["cache"],
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
      const started = await cached(world, artifact, { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey });
      await stopped(started);
      started.origin.hangUp();
      const agent = await world.agent({
        ...started.env,
        CLEF_AGENT_SOURCE: started.origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_STARTUP_TIMEOUT: "2",
        ...change,
      });
      equal(await agent.ended(), 1, "its exit code, with nothing to serve");
    },
  })),
  {
    name: "an artifact that somebody put into the cache",
    needs: ["cache"],
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
      const started = await cached(world, artifact, { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey });
      await stopped(started);
      const forged = JSON.stringify(pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 }));
      let replaced = 0;
      for (const [file, bytes] of await filesBelow(started.cache)) {
        if (!bytes.includes(String(artifact["ciphertext"]))) continue;
        await writeFile(file, forged);
        replaced++;
      }
      ensure(replaced > 0, "no file of the cache holds the artifact as it is");
      started.origin.hangUp();
      const agent = await world.agent({
        ...started.env,
        CLEF_AGENT_SOURCE: started.origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_STARTUP_TIMEOUT: "2",
      });
      equal(await agent.ended(), 1, "its exit code, with nothing to serve");
    },
  },
];
