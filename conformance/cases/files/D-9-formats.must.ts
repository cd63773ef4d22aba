import { spawnSync } from "node:child_process";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const DIFFERENT = {
  "a single quote": "it's",
  "a brace": "${HOME}",
  "two backslashes": "a\\\\b",
  "a backslash at its end": "a\\",
};

export const cases: readonly Case[] = [
  {
    name: "write secrets.json as it was packed, and secrets.env as a shell reads it",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const payload = JSON.stringify({
        TOP: secretValue(),
        app: { KEY: 'a "b" $c `d` #e \\f\n g' },
      });
      await servingOn(world, pack(payload), { ...env, CLEF_AGENT_FILES_FORMAT: "json,dotenv" });
      equal(await textOf(folder, "secrets.json"), payload, "secrets.json");
      equal(await textOf(folder, "TOP"), undefined, "a file of the format that was not asked for");
      const script = 'set -a; . "$1"; printf "%s|%s" "$TOP" "$app__KEY"';
      const read = spawnSync("sh", ["-c", script, "sh", path.join(folder, "secrets.env")], {
        encoding: "utf8",
      });
      const { TOP, app } = JSON.parse(payload) as { TOP: string; app: { KEY: string } };
      equal(read.stdout, `${TOP}|${app.KEY}`, "what a shell reads");
    },
  },
  ...Object.entries(DIFFERENT).map(([name, value]): Case => ({
    name: `keep the old secrets.env when a value has ${name}`,
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const started = await servingOn(world, pack({ KEY: "old" }), {
        ...env,
        CLEF_AGENT_FILES_FORMAT: "dotenv",
      });
      const before = await textOf(folder, "secrets.env");
      const next = { KEY: value };
      await hold(started, pack(next));
      await started.agent.serves(next);
      await eventually("health names the failure", async () =>
        (await started.agent.get("/v1/health")).body.includes("failed"),
      );
      equal(await textOf(folder, "secrets.env"), before, "secrets.env");
    },
  })),
];
