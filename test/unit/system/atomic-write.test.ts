import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { writeFileAtomically } from "../../../src/system/atomic-write.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("writeFileAtomically", () => {
  test("writes text and bytes with the given mode, and leaves nothing beside them", async (t) => {
    const directory = await temporaryDirectory(t);
    const path = join(directory, "file");
    await writeFileAtomically(path, "é", 0o600);
    assert.equal(await readFile(path, "utf8"), "é");
    await writeFileAtomically(path, Buffer.from([0, 255]), 0o600);
    assert.deepEqual(await readFile(path), Buffer.from([0, 255]));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ["file"]);
  });

  test("closes a file that was open to others", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    await writeFile(path, "old", { mode: 0o644 });
    await writeFileAtomically(path, "new", 0o600);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  test("leaves nothing behind when it fails", async (t) => {
    const directory = await temporaryDirectory(t);
    await mkdir(join(directory, "taken", "inside"), { recursive: true });
    await assert.rejects(writeFileAtomically(join(directory, "taken"), "x", 0o600));
    assert.deepEqual(await readdir(directory), ["taken"]);
    await assert.rejects(writeFileAtomically(join(directory, "none", "file"), "x", 0o600), {
      code: "ENOENT",
    });
    assert.deepEqual(await readdir(directory), ["taken"]);
  });

  test("replaces a symlink and not what it points to", async (t) => {
    const directory = await temporaryDirectory(t);
    const target = join(directory, "target");
    await writeFile(target, "old");
    await symlink(target, join(directory, "link"));
    await writeFileAtomically(join(directory, "link"), "new", 0o600);
    assert.equal(await readFile(target, "utf8"), "old");
    assert.equal(await readFile(join(directory, "link"), "utf8"), "new");
  });

  test("never shows a reader half of it", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    const texts = ["a", "b"].map((letter) => letter.repeat(100_000));
    await writeFileAtomically(path, texts[0] ?? "", 0o600);
    const writing = { now: true };
    const writer = (async () => {
      for (let turn = 0; turn < 20; turn++) {
        await writeFileAtomically(path, texts[turn % 2] ?? "", 0o600);
      }
      writing.now = false;
    })();
    while (writing.now) assert.ok(texts.includes(await readFile(path, "utf8")));
    await writer;
  });
});
