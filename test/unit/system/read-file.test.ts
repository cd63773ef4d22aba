import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readBounded } from "../../../src/system/read-file.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const MAKE_PIPE = "mkfifo";

describe("readBounded", () => {
  test("reads files up to the limit and refuses larger ones", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    for (const size of [0, 1, 99, 100]) {
      await writeFile(path, "x".repeat(size));
      const read = await readBounded(path, 100);
      assert.ok(read.kind === "bytes");
      assert.equal(read.bytes.toString(), "x".repeat(size));
    }
    await writeFile(path, "x".repeat(101));
    assert.deepEqual(await readBounded(path, 100), { kind: "too_large" });
  });

  test(
    "reads files that the system says are empty",
    { skip: process.platform !== "linux" },
    async () => {
      const read = await readBounded("/proc/self/status", 1_000_000);
      assert.ok(read.kind === "bytes");
      assert.match(read.bytes.toString(), /^Name:/);
      assert.deepEqual(await readBounded("/proc/self/status", 10), { kind: "too_large" });
    },
  );

  test(
    "does not wait for a pipe, a device or a directory",
    { skip: process.platform === "win32" },
    async (t) => {
      const directory = await temporaryDirectory(t);
      const pipe = join(directory, "pipe");
      execFileSync(MAKE_PIPE, [pipe]);
      for (const path of [pipe, "/dev/zero", directory]) {
        assert.deepEqual(await readBounded(path, 100), { kind: "not_a_file" });
      }
    },
  );

  test("passes on why a file cannot be opened", async (t) => {
    const path = join(await temporaryDirectory(t), "none");
    await assert.rejects(readBounded(path, 100), { code: "ENOENT" });
  });
});
