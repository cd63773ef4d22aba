import { readdir } from "node:fs/promises";
import type { Case } from "../../suite/case.ts";
import type { World } from "../../suite/world.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { ensure, eventually } from "../../tools/expect.ts";
import { filesBelow, filesFolder } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn, type Started } from "../../tools/verdict.ts";

interface Ending {
  readonly waitsSeconds?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly end: (started: Started, secrets: object) => Promise<void>;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  "a revocation": { end: (started) => hold(started, marker()) },
  "a stop": { end: stopped },
  "the artifact's expiry": {
    waitsSeconds: 5,
    end: async (started, secrets) => {
      await hold(started, pack(secrets, { expiresAt: new Date(Date.now() + 4_000) }));
      await started.agent.refuses("artifact_expired");
    },
  },
  "the end of the TTL": {
    env: { CLEF_AGENT_CACHE_TTL: "30" },
    waitsSeconds: 33,
    end: async (started) => {
      started.origin.hangUp();
      await started.agent.refuses("cache_expired", 34);
    },
  },
};

async function goneAfter(world: World, { env: more, end }: Ending): Promise<void> {
  const { folder, env } = await filesFolder(world);
  const value = secretValue();
  const secrets = { KEY: value, app: { KEY: value } };
  const started = await servingOn(world, pack(secrets), { ...env, ...more });
  await end(started, secrets);
  await eventually("no file of the secrets is there", async () => {
    const names = (await readdir(folder)).filter((name) => !name.startsWith(".."));
    return names.length === 0 && !(await readdir(folder)).includes("..data");
  });
  for (const [file, bytes] of await filesBelow(folder))
    ensure(!bytes.includes(value), `${file} holds the secret`);
}

export const cases: readonly Case[] = Object.entries(ENDINGS).map(([name, ending]): Case => ({
  name: `remove the files after ${name}`,
  needs: ["files"],
  waitsSeconds: ending.waitsSeconds ?? 0,
  run: (world) => goneAfter(world, ending),
}));
