import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, sleep } from "../../tools/expect.ts";
import { exec, recorder } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases: readonly Case[] = [
  {
    name: "wait some of a long --splay before it acts on a change",
    needs: ["exec"],
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world);
      // That it is drawn below two seconds is less likely than one to a thousand.
      const { put } = await exec(world, { secrets: { KEY: value } }, ["--splay", "60m"], command);
      await wrote(`start ${value}`);
      await put(pack({ KEY: secretValue() }));
      await sleep(2);
      equal(await lines(), [`start ${value}`], "what the command wrote");
    },
  },
  {
    name: "act on a change when a short --splay is over",
    needs: ["exec"],
    run: async (world) => {
      const [value, next] = [secretValue(), secretValue()];
      const { command, wrote } = await recorder(world);
      const { put } = await exec(world, { secrets: { KEY: value } }, ["--splay", "1s"], command);
      await wrote(`start ${value}`);
      await put(pack({ KEY: next }));
      await wrote(`start ${next}`);
    },
  },
];
