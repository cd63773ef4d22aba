import assert from "node:assert/strict";
import { chmod, chown, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { replaceFile } from "../../../src/system/atomic-write.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

for (const mode of [0o600, 0o640, 0o644, 0o666]) {
  test(`a replaced file keeps its mode ${mode.toString(8)}, whatever the umask`, async (t) => {
    const directory = await temporaryDirectory(t);
    const file = join(directory, "file");
    await writeFile(file, "old, and longer than the new one");
    await chmod(file, mode);
    const before = await stat(file);
    await replaceFile(file, "new");
    const after = await stat(file);
    assert.equal(after.mode & 0o7777, mode);
    assert.deepEqual([after.uid, after.gid], [before.uid, before.gid]);
    assert.notEqual(after.ino, before.ino);
    assert.equal(await readFile(file, "utf8"), "new");
    assert.deepEqual(await readdir(directory), ["file"]);
  });
}

test("a file whose directory may not be written to is written into", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "file");
  await writeFile(file, "old, and longer than the new one");
  await chmod(directory, 0o500);
  const before = await stat(file);
  // Root may write anywhere, and replaces it.
  await replaceFile(file, "new");
  if (process.getuid?.() !== 0) assert.equal((await stat(file)).ino, before.ino);
  await chmod(directory, 0o700);
  assert.equal(await readFile(file, "utf8"), "new");
});

const NOBODY = 65_534;
const skip = process.getuid?.() !== 0 && "only root can make a file that belongs to somebody else";

/** As somebody who may write to the folder, and not to root's file in it. */
async function replacesForeign(t: TestContext, mode: number): Promise<string> {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "file");
  await writeFile(file, "old, and longer than the new one");
  await chmod(file, mode);
  await chown(directory, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await replaceFile(file, "new");
  } finally {
    process.seteuid?.(0);
    assert.deepEqual(await readdir(directory), ["file"]);
    assert.equal((await stat(file)).mode & 0o7777, mode);
  }
  return file;
}

test(
  "somebody else's file in a folder of ours is replaced, and everybody may still read it",
  { skip },
  async (t) => {
    const file = await replacesForeign(t, 0o644);
    assert.equal(await readFile(file, "utf8"), "new");
    assert.equal((await stat(file)).uid, NOBODY);
  },
);

test("a file that its owner's group alone may read is not taken from it", { skip }, async (t) => {
  await assert.rejects(replacesForeign(t, 0o640), { code: "EACCES" });
});
