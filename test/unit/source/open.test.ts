import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileSource } from "../../../src/source/file.ts";
import { openSource } from "../../../src/source/open.ts";
import { coded } from "../../support/errors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("a file source", () => {
  test("refuses a directory at once, and a pipe or a path through a file later", async (t) => {
    const directory = await temporaryDirectory(t);
    assert.throws(() => fileSource(directory), coded("source_unreadable", /is a directory/));
    await writeFile(join(directory, "file"), "x");
    const through = fileSource(join(directory, "file", "x"));
    const signal = new AbortController().signal;
    await assert.rejects(through.fetch({ etag: undefined, signal }), coded("source_not_found"));
    const later = fileSource(join(directory, "later"));
    await mkdir(join(directory, "later"));
    await assert.rejects(later.fetch({ etag: undefined, signal }), coded("source_unreadable"));
  });

  test("goes by its absolute path, wherever the agent was started", () => {
    assert.equal(fileSource("x.json").cacheKey, `file ${join(process.cwd(), "x.json")}`);
  });
});

test("openSource opens what the configuration names", async () => {
  const bucket = { bucket: "b", key: "k", query: [], host: undefined };
  assert.equal((await openSource({ kind: "file", path: "/x" })).type, "file");
  assert.equal((await openSource({ kind: "http", url: new URL("http://h/x") })).type, "http");
  assert.equal((await openSource({ kind: "s3", location: bucket })).type, "s3");
});
