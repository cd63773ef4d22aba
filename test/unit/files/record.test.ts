import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { SetRecords } from "../../../src/files/record.ts";
import { held, memoryDirectory } from "../../support/files.ts";

const NAME = "..clef-00000000000000aa";
const RECORD = { refreshedAtMs: 1_000, expiresAtMs: 2_000 };
const records = new SetRecords(["AGE-SECRET-KEY-1"], "source");

function written(context: TestContext, text: string) {
  const directory = memoryDirectory(context);
  const path = join(directory, `${NAME}.record`);
  writeFileSync(path, text, { mode: 0o600 });
  return { directory, path, root: held(context, directory) };
}

describe("the record of a set", () => {
  test("reads back, with an expiry and without", (context) => {
    for (const record of [RECORD, { refreshedAtMs: 1, expiresAtMs: undefined }]) {
      const { root } = written(context, records.encode(NAME, record));
      assert.deepEqual(records.read(root, NAME), record);
    }
  });

  test("holds dates and the name of its revision, and nothing else", () => {
    const [, json] = records.encode(NAME, RECORD).split(" ");
    assert.deepEqual(JSON.parse(json ?? ""), { revision: NAME, ...RECORD });
  });

  test("counts for its revision, identities and source alone", (context) => {
    const { root } = written(context, records.encode("..clef-00000000000000bb", RECORD));
    assert.equal(records.read(root, NAME), undefined);
    for (const other of [
      new SetRecords(["AGE-SECRET-KEY-2"], "source"),
      new SetRecords(["AGE-SECRET-KEY-1"], "other"),
      new SetRecords([], "source"),
    ]) {
      const { root: foreign } = written(context, other.encode(NAME, RECORD));
      assert.equal(records.read(foreign, NAME), undefined);
    }
  });

  test("counts for nothing if it is missing, changed, cut short, huge or no file", (context) => {
    const text = records.encode(NAME, RECORD);
    for (const forged of [
      "",
      text.replace("2000", "9000"),
      text.slice(0, -1),
      `${text}x`,
      text + " ".repeat(5_000),
      `${"0".repeat(64)} ${JSON.stringify({ revision: NAME, ...RECORD })}\n`,
    ]) {
      assert.equal(records.read(written(context, forged).root, NAME), undefined);
    }
    const { root, directory } = written(context, text);
    assert.equal(records.read(root, "..clef-00000000000000cc"), undefined);
    mkdirSync(join(directory, "..clef-00000000000000dd.record"));
    assert.equal(records.read(root, "..clef-00000000000000dd"), undefined);
  });

  test("counts for nothing if somebody else could have written it", (context) => {
    const { root, path, directory } = written(context, records.encode(NAME, RECORD));
    symlinkSync(`${NAME}.record`, join(directory, "..clef-00000000000000ee.record"));
    assert.equal(records.read(root, "..clef-00000000000000ee"), undefined);
    chmodSync(path, 0o620);
    assert.equal(records.read(root, NAME), undefined);
    chmodSync(path, 0o600);
    assert.deepEqual(records.read(root, NAME), RECORD);
    if (process.getuid?.() !== 0) return;
    chownSync(path, 4242, 0);
    assert.equal(records.read(root, NAME), undefined);
  });

  test("is not authenticated by a secret without age identities, but its fields are checked", (context) => {
    const open = new SetRecords([], "source");
    assert.deepEqual(open.read(written(context, open.encode(NAME, RECORD)).root, NAME), RECORD);
    const nonsense = { refreshedAtMs: Number.NaN, expiresAtMs: undefined };
    assert.equal(open.read(written(context, open.encode(NAME, nonsense)).root, NAME), undefined);
  });
});
