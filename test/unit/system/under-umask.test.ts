import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { underUmask } from "../../../src/system/under-umask.ts";

test("work is done under the umask asked for, and the one before holds again, also when it throws", (context) => {
  const before = process.umask(0o027);
  context.after(() => process.umask(before));
  /** Setting it tells what it was. */
  const now = (): number => process.umask(0o027);
  assert.equal(underUmask(0o077, now), 0o077);
  assert.equal(now(), 0o027);
  assert.throws(() =>
    underUmask(0, () => {
      throw new Error("no");
    }),
  );
  assert.equal(now(), 0o027);
});

test("in a worker thread, which has no umask to set, the work is done all the same", async () => {
  const url = JSON.stringify(import.meta.resolve("../../../src/system/under-umask.ts"));
  const code = `import(${url}).then(({ underUmask }) => {
    require("node:worker_threads").parentPort.postMessage(underUmask(0o077, () => "done"));
  });`;
  const worker = new Worker(code, { eval: true });
  const message = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  assert.equal(message, "done");
});
