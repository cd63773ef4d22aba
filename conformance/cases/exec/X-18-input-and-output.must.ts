import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { exec } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "give the command its input and output, and no other descriptor",
    needs: ["exec"],
    run: async (world) => {
      const { agent } = await exec(world, { secrets: { KEY: secretValue() } }, [], ["cat"]);
      agent.input("one\ntwo\n");
      equal([await agent.ended(), agent.stdout], [0, "one\ntwo\n"], "what cat does");
      if (process.platform !== "linux") return;
      const list = await exec(
        world,
        { secrets: { KEY: secretValue() } },
        [],
        ["ls", "-l", "/proc/self/fd"],
      );
      equal(await list.agent.ended(), 0, "the exit code");
      const others = list.agent.stdout
        .split("\n")
        .filter((line) => / (?:[3-9]|\d\d+) -> /.test(line) && !/ -> \/proc\/\d+\/fd/.test(line));
      ensure(others.length === 0, `the command has ${others.join("; ")}`);
    },
  },
];
