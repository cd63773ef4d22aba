import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "start the command again when a secret changes, after the old one has ended",
    needs: ["exec"],
    run: async (world) => {
      const [first, second] = [secretValue(), secretValue()];
      const { command, lines, wrote } = await recorder(world, "TERM", 400);
      const { put } = await exec(world, { secrets: { KEY: first } }, [], command);
      await wrote(`start ${first}`);
      await put(pack({ KEY: second }));
      await wrote(`start ${second}`);
      equal(
        await lines(),
        [`start ${first}`, "SIGTERM", "end", `start ${second}`],
        "what the command wrote",
      );
    },
  },
  {
    name: "leave the command alone when a new revision holds what it has",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const secrets = { KEY: value, app: { OTHER: "one" } };
      const { put } = await exec(world, { secrets }, ["--only", "KEY"], command);
      await wrote(`start ${value}`);
      for (const next of [pack(secrets), pack({ ...secrets, app: { OTHER: "two" }, NEW: "x" })]) {
        await put(next);
        await sleep(0.7);
      }
      equal(await lines(), [`start ${value}`], "what the command wrote");
    },
  },
];
