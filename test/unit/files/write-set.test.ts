import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { currentRevision } from "../../../src/files/layout.ts";
import { removeRevisions, removeSet } from "../../../src/files/remover.ts";
import { writeSet } from "../../../src/files/write-set.ts";
import {
  filesFrom,
  held,
  memoryDirectory,
  namesIn,
  optionsFor,
  put,
  visible,
} from "../../support/files.ts";

function opened(context: TestContext) {
  const directory = memoryDirectory(context);
  return { directory, root: held(context, directory) };
}

describe("writing a set", () => {
  test("makes a link for every name, through ..data, to the directory of one revision", (context) => {
    const { directory, root } = opened(context);
    const revision = put(root, { TOP: "1", app: { A: "2", B: "3" } });
    assert.deepEqual(visible(directory), { TOP: "1", "app/A": "2", "app/B": "3" });
    assert.equal(readlinkSync(join(directory, "TOP")), "..data/TOP");
    assert.equal(readlinkSync(join(directory, "app")), "..data/app");
    assert.equal(readlinkSync(join(directory, "..data")), revision);
    assert.match(revision, /^\.\.clef-[0-9a-f]{16}$/);
    assert.deepEqual(
      namesIn(directory),
      ["..data", revision, `${revision}.record`, "TOP", "app"].toSorted(),
    );
  });

  test("replaces the set before: new names come, gone ones go, others stay the links they were", (context) => {
    const { directory, root } = opened(context);
    put(root, { A: "1", B: "1", app: { X: "1" } });
    const inode = lstatSync(join(directory, "A")).ino;
    put(root, { A: "2", C: "2", app: "now a file" });
    assert.deepEqual(visible(directory), { A: "2", C: "2", app: "now a file" });
    assert.equal(lstatSync(join(directory, "A")).ino, inode);
  });

  test("keeps the revision before for who is reading it, and no older one", (context) => {
    const { directory, root } = opened(context);
    const revisions = ["1", "2", "3"].map((A) => put(root, { A }));
    const left = readdirSync(directory).filter((name) => /^\.\.clef-\w+$/.test(name));
    assert.deepEqual(left.toSorted(), revisions.slice(1).toSorted());
    removeRevisions(root, revisions[2]);
    assert.ok(!existsSync(join(directory, revisions[1] ?? "")));
    assert.deepEqual(visible(directory), { A: "3" });
  });

  test("has the mode asked for, search bits to match, and the directory's group, whatever the umask", (context) => {
    const { directory, root } = opened(context);
    if (process.getuid?.() === 0) chownSync(directory, 0, 4242);
    const group = statSync(directory).gid;
    const before = process.umask(0o077);
    context.after(() => process.umask(before));
    for (const [mode, directoryMode] of [
      [0o440, 0o550],
      [0o640, 0o750],
      [0o400, 0o500],
      [0o444, 0o555],
    ] as const) {
      const files = filesFrom({ TOP: "1", app: { A: "2" } }, "keys");
      writeSet({ ...optionsFor(root), mode, root, files, record: () => "" });
      for (const [path, expected] of [
        ["TOP", mode],
        ["app/A", mode],
        ["app", directoryMode],
        ["..data", directoryMode],
      ] as const) {
        const stats = statSync(join(directory, path));
        assert.equal((stats.mode & 0o7777).toString(8), expected.toString(8), path);
        assert.equal(stats.gid, group, path);
      }
    }
  });

  test("leaves alone what it did not make, and refuses to write where that is in the way", (context) => {
    const { directory, root } = opened(context);
    put(root, { A: "1" });
    writeFileSync(join(directory, "app.pid"), "7");
    symlinkSync("/etc", join(directory, "etc"));
    mkdirSync(join(directory, "..mine"));
    put(root, { A: "2" });
    for (const name of ["app.pid", "etc", "..mine"]) {
      assert.throws(() => put(root, { A: "3", [name === "..mine" ? "etc" : name]: "v" }), {
        code: "files_foreign",
        message: /which the agent did not make and leaves alone/,
      });
    }
    assert.equal(readFileSync(join(directory, "A"), "utf8"), "2");
    removeSet(root);
    assert.deepEqual(namesIn(directory), ["..mine", "app.pid", "etc"]);
  });

  test("refuses a ..data that is not the agent's, such as one of kubelet's", (context) => {
    for (const make of [
      (path: string) => symlinkSync("..2026_01_01_00_00_00.1234", path),
      (path: string) => symlinkSync("/etc", path),
      (path: string) => writeFileSync(path, ""),
      (path: string) => mkdirSync(path),
    ]) {
      const { directory, root } = opened(context);
      make(join(directory, "..data"));
      assert.throws(() => put(root, { A: "1" }), { code: "files_foreign", message: /"\.\.data"/ });
      removeSet(root);
      assert.deepEqual(namesIn(directory), ["..data"]);
    }
  });

  test("that fails in its last file leaves the old set, and nothing of the new one", (context) => {
    const { directory, root } = opened(context);
    const revision = put(root, { A: "1", B: "1" });
    const names = namesIn(directory);
    const [file] = filesFrom({ A: "2" }, "keys");
    assert.ok(file !== undefined);
    const full = (): never => {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    };
    const files = [file, { path: ["Z", "1"] as const, make: full }];
    assert.throws(() => writeSet({ ...optionsFor(root), root, files, record: () => "" }), {
      code: "files_full",
      message: /two sets must fit/,
    });
    assert.deepEqual(namesIn(directory), names);
    assert.equal(currentRevision(root), revision);
    assert.deepEqual(visible(directory), { A: "1", B: "1" });
  });

  test("removes what a killed agent left half written", (context) => {
    const { directory, root } = opened(context);
    put(root, { A: "1" });
    const half = "..clef-00000000000000aa";
    mkdirSync(join(directory, half, "app"), { recursive: true });
    writeFileSync(join(directory, half, "app", "A"), "half");
    chmodSync(join(directory, half), 0o500);
    for (const suffix of [".record", ".new"]) writeFileSync(join(directory, half + suffix), "");
    symlinkSync(half, join(directory, `${half}.link`));
    put(root, { A: "2" });
    assert.deepEqual(
      namesIn(directory).filter((name) => name.startsWith(half)),
      [],
    );
    assert.deepEqual(visible(directory), { A: "2" });
  });
});

describe("removing a set", () => {
  test("leaves a directory as it was before there were any files", (context) => {
    const { directory, root } = opened(context);
    put(root, { TOP: "1", app: { A: "2" } });
    put(root, { TOP: "2", app: { A: "2" } });
    removeSet(root);
    assert.deepEqual(namesIn(directory), []);
    removeSet(root);
  });

  test("takes ..data first, so that all files are gone at once for who comes by a name", (context) => {
    const { directory, root } = opened(context);
    put(root, { A: "1", B: "1" });
    const unlinked: string[] = [];
    context.mock.method(root, "unlink", (name: string) => void unlinked.push(name));
    removeSet(root);
    assert.deepEqual(unlinked.slice(0, 3), ["..data", "A", "B"]);
    assert.ok(unlinked[3]?.endsWith(".record"));
    assert.deepEqual(namesIn(directory).includes("A"), true);
  });

  test("removes the rest, and says so, where something of another's is inside of a revision", (context) => {
    const { directory, root } = opened(context);
    const revision = put(root, { app: { A: "1" }, B: "1" });
    chmodSync(join(directory, revision, "app"), 0o700);
    mkdirSync(join(directory, revision, "app", "deep", "er"), { recursive: true });
    assert.throws(() => removeSet(root), { code: "files_foreign", message: /cannot be removed/ });
    assert.deepEqual(namesIn(directory), [revision]);
    assert.deepEqual(readdirSync(join(directory, revision, "app")), ["deep"]);
  });

  test("touches no directory that only has the name of a revision", (context) => {
    const { directory, root } = opened(context);
    const outside = memoryDirectory(context);
    writeFileSync(join(outside, "precious"), "");
    put(root, { A: "1" });
    symlinkSync(outside, join(directory, "..clef-00000000000000aa"));
    writeFileSync(join(directory, "..clef-00000000000000bb"), "");
    if (process.getuid?.() === 0) {
      const other = join(directory, "..clef-00000000000000cc");
      mkdirSync(other);
      writeFileSync(join(other, "precious"), "");
      chownSync(other, 4242, 4242);
    }
    removeSet(root);
    assert.deepEqual(readdirSync(outside), ["precious"]);
    assert.ok(namesIn(directory).includes("..clef-00000000000000aa"));
    assert.ok(namesIn(directory).includes("..clef-00000000000000bb"));
  });
});

test("a directory stays the one it is, whatever becomes of its path", (context) => {
  const { directory, root } = opened(context);
  const real = realpathSync(directory);
  put(root, { A: "1" });
  assert.equal(realpathSync(join(directory, "..data")).startsWith(`${real}/..clef-`), true);
  assert.throws(() => root.openDirectory("..data"), { code: /ELOOP|ENOTDIR/ });
});
