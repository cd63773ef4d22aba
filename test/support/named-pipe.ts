import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./temporary.ts";

const MAKE_PIPE = "mkfifo";

/** The path of a new named pipe, into which nobody writes yet. */
export async function namedPipe(t: TestContext): Promise<string> {
  const path = join(await temporaryDirectory(t), "pipe");
  assert.equal(spawnSync(MAKE_PIPE, [path]).status, 0);
  return path;
}
