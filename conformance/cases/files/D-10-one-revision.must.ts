import { lstat, open, readlink } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { filesFolder, textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "give a reader through ..data one revision, while it changes",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const numbered = (n: number): Record<string, string> => ({ A: `n${n}`, Z: `n${n}` });
      const started = await servingOn(world, pack(numbered(0)), env);
      const data = path.join(folder, "..data");
      ensure((await lstat(data)).isSymbolicLink(), "..data is no link");
      ensure((await lstat(path.join(folder, "A"))).isSymbolicLink(), "A is no link");
      const done = new AbortController();
      const reader = async (): Promise<void> => {
        while (!done.signal.aborted) {
          const target = path.join(folder, await readlink(data));
          const [a, z] = [await textOf(target, "A"), await textOf(target, "Z")];
          ensure(a === z && a !== undefined, `a reader found ${a} and ${z}`);
        }
      };
      const reading = reader();
      for (let n = 1; n <= 8; n++) {
        await hold(started, pack(numbered(n)));
        await started.agent.serves(numbered(n));
      }
      done.abort();
      await reading;
    },
  },
  {
    name: "leave what a reader has opened as it was",
    needs: ["files"],
    run: async (world) => {
      const { folder, env } = await filesFolder(world);
      const value = secretValue();
      const started = await servingOn(world, pack({ KEY: value }), env);
      const file = await open(path.join(folder, "KEY"));
      const next = { KEY: secretValue() };
      await hold(started, pack(next));
      await started.agent.serves(next);
      const text = await file.readFile("utf8");
      await file.close();
      equal(text, value, "what was opened");
    },
  },
];
