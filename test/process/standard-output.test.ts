import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AGENT_COMMAND } from "../support/agent-process.ts";
import { AGE_RECIPIENT } from "../support/artifacts.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const ADDRESSEE = ["--identity", "api", "--environment", "production"];
const PACK = ["pack", ...ADDRESSEE, "--recipient", AGE_RECIPIENT];

/** Runs `clef-agent pack FILE` inside a line of shell, where `"$@"` stands for it. */
function inShell(line: string, file: string): Promise<{ stdout: string; stderr: string }> {
  const command = [...AGENT_COMMAND, ...PACK, file];
  return new Promise((resolve) => {
    execFile("sh", ["-c", line, "sh", ...command], (_error, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
}

test("a result that fills a pipe arrives whole, however slow its reader is", async (t) => {
  const file = join(await temporaryDirectory(t), "secrets.json");
  await writeFile(file, JSON.stringify({ KEY: "v".repeat(1_000_000) }));
  const { stdout } = await inShell(`"$@" | { sleep 0.5; tail -c 4; }`, file);
  assert.match(stdout, /"\n\}\n$/);
});

test(
  "a result that cannot be written is an error",
  { skip: existsSync("/dev/full") ? false : "there is no /dev/full here" },
  async (t) => {
    const file = join(await temporaryDirectory(t), "secrets.json");
    await writeFile(file, '{"KEY":"value"}');
    const { stdout, stderr } = await inShell(`{ "$@" >/dev/full; } ; echo $?`, file);
    assert.equal(stdout, "1\n");
    assert.match(stderr, /standard output cannot be written \(ENOSPC\) \[output_failed\]\n$/);
  },
);

test("a reader that went away is one line and no stack trace", async (t) => {
  const file = join(await temporaryDirectory(t), "secrets.json");
  await writeFile(file, JSON.stringify({ KEY: "v".repeat(1_000_000) }));
  const { stderr } = await inShell(`"$@" | head -c 1 >/dev/null`, file);
  assert.match(stderr, /\n.*standard output cannot be written \(EPIPE\) \[output_failed\]\n$/);
  assert.doesNotMatch(stderr, /^\s+at /m);
});
