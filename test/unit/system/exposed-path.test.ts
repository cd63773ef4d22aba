import assert from "node:assert/strict";
import { chmod, chown, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { exposedPath } from "../../../src/system/exposed-path.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

async function keyFile(t: TestContext): Promise<{ directory: string; path: string }> {
  const directory = join(await temporaryDirectory(t), "keys");
  await mkdir(directory, { mode: 0o700 });
  const path = join(directory, "age.key");
  await writeFile(path, "x", { mode: 0o600 });
  return { directory, path };
}

describe("a path that only this user or root may change", () => {
  test("is not exposed, nor is one where nothing is", async (t) => {
    const { directory, path } = await keyFile(t);
    for (const safe of [path, directory, join(directory, "none"), join(directory, "no", "way")]) {
      assert.equal(await exposedPath(safe), undefined);
    }
  });

  test("may be readable by all, and lie in a directory with a sticky bit", async (t) => {
    const { directory, path } = await keyFile(t);
    await chmod(path, 0o444);
    await chmod(directory, 0o1777);
    assert.equal(await exposedPath(path), undefined);
  });
});

describe("a path is exposed", () => {
  test("by its own mode", async (t) => {
    const { path } = await keyFile(t);
    await chmod(path, 0o602);
    assert.equal(await exposedPath(path), "may be written by any user");
  });

  test("by the directory it is in, also behind a link and before it is made", async (t) => {
    const { directory, path } = await keyFile(t);
    const link = join(await temporaryDirectory(t), "link");
    await symlink(path, link);
    await chmod(directory, 0o777);
    for (const exposed of [path, link, join(directory, "none")]) {
      assert.match((await exposedPath(exposed)) ?? "", /any user may replace it/);
    }
  });

  test("by an owner who is neither this user nor root", async (t) => {
    const { directory, path } = await keyFile(t);
    if (process.getuid?.() !== 0) {
      t.skip("only root may give files away");
      return;
    }
    await chown(path, 12_345, 0);
    assert.equal(await exposedPath(path), "belongs to another user");
    await chown(path, 0, 0);
    await chown(directory, 12_345, 0);
    assert.equal(await exposedPath(path), "is in a directory that belongs to another user");
  });
});
