import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

const WRONG: Readonly<Record<string, readonly [object, readonly string[]]>> = {
  "two secrets of one name": [{ KEY: "a", app: { KEY: "b" } }, ["--namespace", "app"]],
  "two secrets of one name in upper case": [{ key: "a", KEY: "b" }, ["--shell-names"]],
  "a dot in a name": [{ "a.b": "c" }, []],
  "a digit before a name": [{ "1A": "c" }, []],
  "an equals sign in a name": [{ "A=B": "c" }, []],
  "an empty name": [{ "": "c" }, []],
  "a value with NUL": [{ KEY: "a\u0000b" }, []],
  "a value of 128 KiB": [{ KEY: "x".repeat(131_072) }, []],
  "a --map of what is not there": [{ KEY: "a" }, ["--map", "NONE=OTHER"]],
};

export const cases: readonly Case[] = [
  ...Object.entries(WRONG).map(([name, [secrets, options]]): Case => ({
    name: `run nothing with ${name}, and exit with 1`,
    needs: ["exec"],
    run: async (world) => {
      const { command, lines } = await recorder(world);
      const { agent } = await exec(world, { secrets }, options, command);
      equal(await agent.ended(), 1, "the exit code");
      equal(await lines(), [], "what the command wrote");
    },
  })),
  {
    name: "let the command go on with what it has, when a later set cannot be handed over",
    needs: ["exec"],
    run: async (world) => {
      const first = secretValue();
      const { command, lines, wrote } = await recorder(world);
      const { agent, put } = await exec(world, { secrets: { KEY: first } }, [], command);
      await wrote(`start ${first}`);
      await put(pack({ KEY: secretValue(), "a.b": "c" }));
      await sleep(1);
      equal(await lines(), [`start ${first}`], "what the command wrote");
      equal(agent.exit, undefined, "its end");
    },
  },
];
