import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matches } from "../../../src/exec/pattern.ts";

for (const [pattern, text, expected] of [
  ["DB_*", "DB_URL", true],
  ["DB_*", "DB_", true],
  ["DB_*", "db_url", false],
  ["*_URL", "DB_URL", true],
  ["*", "", true],
  ["A*B*C", "AxByC", true],
  ["A*B*C", "ABC", true],
  ["A*B*C", "AC", false],
  ["AB*BC", "ABC", false],
  ["A.C", "ABC", false],
  ["EXACT", "EXACTLY", false],
  ["a**b", "ab", true],
] as const) {
  test(`"${pattern}" ${expected ? "matches" : "does not match"} "${text}"`, () => {
    assert.equal(matches(pattern, text), expected);
  });
}

test("a pattern matches what a regular expression in its place would", () => {
  const short = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  fc.assert(
    fc.property(short, text, (pattern, candidate) => {
      const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(candidate);
      assert.equal(matches(pattern, candidate), expected);
    }),
    { numRuns: 2_000 },
  );
});
