import assert from "node:assert/strict";
import { test } from "node:test";
import { mutated, MUTANTS } from "../../support/explore/mutants.ts";

test("every mutant that the explorer is to find changes the source as it is now, and no two are one", async () => {
  const made = await Promise.all(Object.values(MUTANTS).map(mutated));
  assert.equal(new Set(made).size, made.length);
});
