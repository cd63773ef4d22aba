import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { blockOf } from "../../scripts/simulate/document.ts";
import { faultTable, stateTable } from "./tables.ts";

const path = new URL("../../docs/reliability.md", import.meta.url);
const document = await readFile(path, "utf8");

for (const [name, made] of Object.entries({ faults: faultTable(), states: stateTable() })) {
  test(`the table of ${name} in docs/reliability.md is the one that the tests and the code make`, () => {
    assert.equal(blockOf(document, name), made, `put this into the block "${name}":\n\n${made}\n`);
  });
}
