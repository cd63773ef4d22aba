import { readdir } from "node:fs/promises";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually, sleep } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "remove what a killed agent left and what has expired since, before the first fetch",
    needs: ["files"],
    waitsSeconds: 5,
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const value = secretValue();
      const { agent, origin, expiresAt } = await expiring(world, { KEY: value }, 5, env);
      await eventually("it is written", async () => (await textOf(folder, "KEY")) === value);
      await agent.kill();
      equal(
        (await textOf(folder, "KEY")) === undefined,
        false,
        "whether a killed agent took its files along",
      );
      await sleep(Math.max(0, expiresAt.getTime() - Date.now()) / 1000 + 0.2);
      origin.behaviour = () => undefined;
      await world.agent({
        ...env,
        CLEF_AGENT_SOURCE: origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      await eventually("they are gone", async () =>
        (await readdir(folder)).every((name) => name.startsWith("..") && name !== "..data"),
      );
    },
  },
  {
    name: "leave what a killed agent left while it might still be served",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const value = secretValue();
      const { agent, origin } = await servingOn(world, pack({ KEY: value }), env);
      await agent.kill();
      origin.behaviour = () => undefined;
      const next = await world.agent({
        ...env,
        CLEF_AGENT_SOURCE: origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      await next.listens();
      await sleep(1);
      equal(await textOf(folder, "KEY"), value, "the file");
    },
  },
];
