import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AGE_RECIPIENT } from "../support/artifacts.ts";
import { WAYS_TO_BREAK } from "../support/broken-age/encrypter.ts";
import { clef, type CommandResult } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
/** The command from its source: in the built one, the library cannot be told from the rest any more. */
const command = [
  process.execPath,
  "--import",
  here("../support/broken-age/register.ts"),
  here("../../src/main.ts"),
] as const;
const WHOM = ["--identity", "api", "--environment", "prod", "--recipient", AGE_RECIPIENT];
const SECRETS = JSON.stringify({ DB_URL: "postgres://user:hunter2-in-clear@db/app" });

function pack(broken: string, ...more: readonly string[]): Promise<CommandResult> {
  const env = { BROKEN_AGE: broken };
  return clef(["pack", "--format", "json", ...WHOM, ...more], { command, env, stdin: SECRETS });
}

describe("pack, with an age library that returns", { concurrency: 2 }, () => {
  for (const broken of WAYS_TO_BREAK) {
    test(`${broken}, writes nothing, and what was there before stays`, async (t) => {
      const directory = await temporaryDirectory(t);
      const out = join(directory, "artifact.json");
      const right = await pack("", "--out", out);
      assert.equal(right.code, 0, right.stderr);
      const before = await readFile(out);

      const { code, stdout, stderr } = await pack(broken, "--out", out);
      assert.deepEqual([code, stdout], [1, ""], stderr);
      assert.match(stderr, /^clef-agent: nothing was packed: .*\[pack_unproved\]\n$/);
      assert.doesNotMatch(stderr, /hunter2/);
      assert.deepEqual(await readFile(out), before);
      assert.deepEqual(await readdir(directory), ["artifact.json"]);
    });
  }

  test("nothing at all, prints nothing to standard output either", async () => {
    const { code, stdout } = await pack("nothing");
    assert.deepEqual([code, stdout], [1, ""]);
  });
});
