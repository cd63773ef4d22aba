import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "from a file by a whole path, and by one from its working directory",
    run: async (world) => {
      const folder = await world.directory();
      const secrets = { KEY: secretValue() };
      const file = path.join(folder, "artifact.json");
      await writeFile(file, JSON.stringify(pack(secrets)));
      for (const source of [file, path.relative(process.cwd(), file)]) {
        const env = { CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE.identity };
        await (await world.agent(env)).serves(secrets);
      }
    },
  },
  {
    name: "from an http address with a path and a query, as they are",
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const origin = await world.origin(pack(secrets));
      const CLEF_AGENT_SOURCE = `http://127.0.0.1:${origin.port}/a%20b/c.json?sig=x%2Fy`;
      const agent = await world.agent({ CLEF_AGENT_SOURCE, CLEF_AGENT_AGE_KEY: AGE.identity });
      await agent.serves(secrets);
      if (origin.asked[0]?.url !== "/a%20b/c.json?sig=x%2Fy")
        throw new Error(`it asked for ${origin.asked[0]?.url}`);
    },
  },
  {
    name: "from S3, asking with a signature",
    needs: ["s3"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { origin } = await servingOn(world, pack({ KEY: secretValue() }));
      origin.put(pack(secrets));
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: "s3://bucket/some/key.json",
        CLEF_AGENT_AGE_KEY: AGE.identity,
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${origin.port}`,
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
        AWS_SECRET_ACCESS_KEY: secretValue(),
      });
      await agent.serves(secrets);
      const asked = origin.asked.at(-1);
      if (
        !/bucket.*some\/key\.json|some\/key\.json/.test(asked?.url ?? "") ||
        !asked?.headers.authorization?.startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
      ) {
        throw new Error(
          `it asked for ${asked?.url} with ${asked?.headers.authorization?.slice(0, 60)}`,
        );
      }
    },
  },
];
