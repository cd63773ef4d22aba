import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { watchFile } from "../../../src/system/file-watch.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

interface Watched {
  /** Waits until a change was told since the last call. */
  told(): Promise<void>;
  count(): number;
  stop(): void;
}

async function watched(t: TestContext, path: string): Promise<Watched> {
  const controller = new AbortController();
  t.after(() => controller.abort());
  let changes = 0;
  let seen = 0;
  await watchFile(path, () => changes++, controller.signal);
  return {
    async told() {
      await eventually("a change", () => changes > seen);
      seen = changes;
    },
    count: () => changes,
    stop: () => controller.abort(),
  };
}

describe("watchFile tells of", () => {
  test("a write in place, again and again", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    await writeFile(path, "0");
    const watch = await watched(t, path);
    for (const text of ["1", "2", "3"]) {
      await writeFile(path, text);
      await watch.told();
    }
  });

  test("a file that was put in its place by rename", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    await writeFile(path, "same");
    const watch = await watched(t, path);
    for (let times = 0; times < 2; times++) {
      await writeFile(`${path}.new`, "same");
      await rename(`${path}.new`, path);
      await watch.told();
    }
  });

  test("a file that comes, goes and comes back", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    const watch = await watched(t, path);
    await writeFile(path, "x");
    await watch.told();
    await rm(path);
    await watch.told();
    await writeFile(path, "x");
    await watch.told();
  });

  test("a ..data symlink that Kubernetes swaps, every time", async (t) => {
    const volume = await temporaryDirectory(t);
    const put = async (name: string, text: string): Promise<void> => {
      await mkdir(join(volume, name));
      await writeFile(join(volume, name, "artifact.json"), text);
      await symlink(name, join(volume, "..data_tmp"));
      await rename(join(volume, "..data_tmp"), join(volume, "..data"));
    };
    await put("..2026_01", "one");
    await symlink(join("..data", "artifact.json"), join(volume, "artifact.json"));
    const watch = await watched(t, join(volume, "artifact.json"));
    for (const name of ["..2026_02", "..2026_03"]) {
      await put(name, name);
      await watch.told();
    }
    await rm(join(volume, "..2026_01"), { recursive: true });
    await put("..2026_04", "four");
    await watch.told();
  });

  test("a write to the target of a symlink that lies elsewhere", async (t) => {
    const directory = await temporaryDirectory(t);
    await mkdir(join(directory, "elsewhere"));
    const target = join(directory, "elsewhere", "target");
    await writeFile(target, "one");
    await symlink(target, join(directory, "link"));
    const watch = await watched(t, join(directory, "link"));
    await writeFile(target, "two");
    await watch.told();
  });

  test("a file in a directory that does not exist yet", async (t) => {
    const path = join(await temporaryDirectory(t), "later", "file");
    const watch = await watched(t, path);
    await mkdir(join(path, ".."));
    await writeFile(path, "x");
    await watch.told();
  });
});

describe("watchFile is silent", () => {
  test("about other files in the directory, and about what was there before", async (t) => {
    const directory = await temporaryDirectory(t);
    const path = join(directory, "file");
    await writeFile(path, "x");
    const watch = await watched(t, path);
    const neighbour = await watched(t, join(directory, "other"));
    await writeFile(join(directory, "other"), "y");
    await neighbour.told();
    assert.equal(watch.count(), 0);
  });

  test("after it was stopped", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    await writeFile(path, "x");
    const [stopped, going] = [await watched(t, path), await watched(t, path)];
    stopped.stop();
    await writeFile(path, "y");
    await going.told();
    assert.equal(stopped.count(), 0);
  });
});
