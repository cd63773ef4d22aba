import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test, type TestContext } from "node:test";
import { isPipe, readPipe } from "../../../src/system/read-pipe.ts";
import { namedPipe } from "../../support/named-pipe.ts";

/** Another process, since this one is blocked while it reads. */
function writing(t: TestContext, path: string, script: string): void {
  const writer = spawn("/bin/sh", ["-c", `(${script}) >"$0"`, path], { stdio: "ignore" });
  t.after(() => writer.kill());
}

const LIMITS = { maxBytes: 1_000_000, silenceMs: 30_000 };

test("a named pipe is told from a file", async (t) => {
  assert.equal(isPipe(await namedPipe(t)), true);
  assert.equal(isPipe(import.meta.filename), false);
});

test("what is written into a pipe is read to its end, pauses included", async (t) => {
  const path = await namedPipe(t);
  writing(t, path, "sleep 0.2; printf one; sleep 0.2; printf two; head -c 200000 /dev/zero");
  const read = readPipe(path, LIMITS);
  assert.ok(read.kind === "bytes");
  assert.equal(read.bytes.length, 200_006);
  assert.equal(read.bytes.toString("latin1", 0, 6), "onetwo");
});

test("a pipe into which nobody writes is given up", async (t) => {
  const path = await namedPipe(t);
  assert.deepEqual(readPipe(path, { ...LIMITS, silenceMs: 50 }), { kind: "silent" });
});

test("a pipe whose writer falls silent is given up", async (t) => {
  const path = await namedPipe(t);
  writing(t, path, "printf one; exec sleep 60");
  assert.deepEqual(readPipe(path, { ...LIMITS, silenceMs: 500 }), { kind: "silent" });
});

test("more than may be is not read", async (t) => {
  const path = await namedPipe(t);
  writing(t, path, "cat /dev/zero");
  assert.deepEqual(readPipe(path, { ...LIMITS, maxBytes: 10 }), { kind: "too_large" });
});
