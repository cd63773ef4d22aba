import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { LAYERS } from "../../scripts/import-rules.ts";
import { codesIn, tableUnder, textOf } from "../support/docs-markdown.ts";

const PAGE = textOf("docs/architecture.md");

describe("the page on the architecture", () => {
  test("lists the layers of the import rules, in their order, with their files", () => {
    assert.deepEqual(
      tableUnder(PAGE, "Layers").map(([name = "", files = ""]) => [codesIn(name), codesIn(files)]),
      LAYERS.map(({ name, files }) => [[name], files]),
    );
  });

  test("names only files that exist", () => {
    const named = [...PAGE.matchAll(/`((?:src|scripts)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    assert.ok(named.length > 20);
    for (const path of named) {
      assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path);
    }
  });
});
