import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";
import { readRules } from "../../../conformance/suite/specification.ts";
import { mutate } from "../../../scripts/mutants/build-mutant.ts";
import { MUTANTS } from "../../../scripts/mutants/mutants.ts";
import { ROOT } from "../../../scripts/run.ts";
import { tableUnder, textOf } from "../../support/docs-markdown.ts";

test("every mutant changes the source as it is now, and no two are one", async () => {
  assert.ok(MUTANTS.length >= 30);
  const made = await Promise.all(MUTANTS.map(mutate));
  assert.equal(new Set(made).size, MUTANTS.length);
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
});

test("every mutant has its row in the table, and none is there that is not", () => {
  const rows = tableUnder(textOf("conformance/README.md"), "Does it find anything?");
  assert.deepEqual(
    rows.map(([what = ""]) => what.replace(/^it /, "")),
    MUTANTS.map(({ name }) => name),
  );
  for (const [what = "", , foundBy = ""] of rows) assert.match(foundBy, /^[A-Z]-\d+ must/, what);
});

test("every mutant is tried against rules that are in the specification", () => {
  const rules = readRules(join(ROOT, "conformance"));
  for (const { name, only } of MUTANTS) {
    assert.ok(only.length > 0 && only.every((rule) => rules.has(rule)), name);
  }
});
