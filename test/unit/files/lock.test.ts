import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { lockDirectory } from "../../../src/files/lock.ts";
import { held, memoryDirectory, namesIn } from "../../support/files.ts";

const HOLD = `
  import { Directory } from ${JSON.stringify(import.meta.resolve("../../../src/files/directory.ts"))};
  import { lockDirectory } from ${JSON.stringify(import.meta.resolve("../../../src/files/lock.ts"))};
  await lockDirectory(Directory.open(process.argv[1]));
  console.log("held");
  setInterval(() => {}, 1000);
`;

describe("the lock of a directory", () => {
  test("is held by one agent at a time, and leaves nothing when it is released", async (context) => {
    const directory = memoryDirectory(context);
    const [one, two] = [held(context, directory), held(context, directory)];
    const lock = await lockDirectory(one);
    await assert.rejects(lockDirectory(two), { code: "files_in_use" });
    await assert.rejects(lockDirectory(two), { code: "files_in_use" });
    await lock.release();
    const next = await lockDirectory(two);
    await next.release();
    assert.deepEqual(namesIn(directory), []);
  });

  test("can be asked by everybody whatever the umask, which stays what it was", async (context) => {
    const before = process.umask(0o077);
    context.after(() => process.umask(before));
    const directory = memoryDirectory(context);
    const lock = await lockDirectory(held(context, directory));
    const [name = ""] = namesIn(directory);
    assert.equal(statSync(join(directory, name)).mode & 0o777, 0o777);
    // Setting it tells what it was.
    assert.equal(process.umask(0o077), 0o077);
    await lock.release();
  });

  test("is never held by two of many that start at once", async (context) => {
    const directory = memoryDirectory(context);
    for (let round = 0; round < 20; round++) {
      const attempts = await Promise.allSettled(
        Array.from({ length: 5 }, () => lockDirectory(held(context, directory))),
      );
      const got = attempts.filter((attempt) => attempt.status === "fulfilled");
      assert.ok(got.length <= 1);
      await Promise.all(got.map(({ value }) => value.release()));
    }
    assert.deepEqual(namesIn(directory), []);
  });

  test("is gone when its holder is killed, and still held while that only stands still", async (context) => {
    const directory = memoryDirectory(context);
    const child = spawn(process.execPath, ["--input-type=module", "-e", HOLD, directory]);
    context.after(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    child.kill("SIGSTOP");
    const root = held(context, directory);
    await assert.rejects(lockDirectory(root), { code: "files_in_use" });
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.equal(namesIn(directory).length, 1);
    const lock = await lockDirectory(root);
    assert.equal(namesIn(directory).length, 1);
    await lock.release();
  });

  test("is not taken for one where a file only has its name", async (context) => {
    const directory = memoryDirectory(context);
    writeFileSync(join(directory, "..clef-00000000000000aa.sock"), "");
    const lock = await lockDirectory(held(context, directory));
    await lock.release();
    assert.deepEqual(namesIn(directory), ["..clef-00000000000000aa.sock"]);
  });
});
