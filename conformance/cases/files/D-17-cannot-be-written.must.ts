import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const NAMES = {
  "a slash": "a/b",
  "a dot": ".",
  "two dots before it": "..data",
  "300 bytes": "x".repeat(300),
  NUL: "a\u0000b",
};

export const cases: readonly Case[] = Object.entries(NAMES).map(([name, key]): Case => ({
  name: `keep the old set when a name is ${name}, and say so in its health`,
  needs: ["files"],
  run: async (world) => {
    const { folder, env } = await filesFolder(world);
    const value = secretValue();
    const started = await servingOn(world, pack({ KEY: value }), env);
    const next = { [key]: "new", KEY: "new" };
    await hold(started, pack(next));
    await started.agent.serves(next);
    await eventually("health names the failure", async () =>
      (await started.agent.get("/v1/health")).body.includes("failed"),
    );
    equal(await textOf(folder, "KEY"), value, "the file");
    equal((await started.agent.get("/v1/ready")).status, 200, "the status of /v1/ready");
  },
}));
