import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { CHAPTERS, titleOf } from "../../../conformance/suite/case.ts";
import { discover } from "../../../conformance/suite/discover.ts";
import { readRules, rulesIn } from "../../../conformance/suite/specification.ts";
import { UNSEEN } from "../../../conformance/suite/unseen.ts";
import { ROOT } from "../../../scripts/run.ts";

const SUITE = join(ROOT, "conformance");
const rules = readRules(SUITE);
const cases = await discover(join(SUITE, "cases"));

test("every rule has a case, or a reason why none can see it, and not both", () => {
  const tried = new Set(cases.map(({ rule }) => rule));
  const without = [...rules.keys()].filter((rule) => !tried.has(rule));
  assert.deepEqual(without.toSorted(), Object.keys(UNSEEN).toSorted());
});

test("every case cites a rule that is in the specification", () => {
  assert.deepEqual(
    cases.filter(({ rule }) => !rules.has(rule)).map(({ file }) => file),
    [],
  );
});

test("every case has a title of its own", () => {
  const titles = cases.map(titleOf);
  assert.deepEqual(titles, [...new Set(titles)]);
});

test("the rules of each chapter are numbered without a gap, and no others are there", () => {
  const letters = Object.values(CHAPTERS);
  for (const letter of letters) {
    const numbers = [...rules.keys()].filter((rule) => rule.startsWith(`${letter}-`));
    assert.deepEqual(
      numbers,
      numbers.map((_rule, at) => `${letter}-${at + 1}`),
    );
    assert.ok(numbers.length > 0, letter);
  }
  const others = [...rules.keys()].filter((rule) => !letters.some((one) => rule.startsWith(one)));
  assert.deepEqual(others, []);
});

test("a rule goes on over its lines, and is there once", () => {
  assert.deepEqual(
    [...rulesIn("- **F-1** One\n  rule.\n- **F-2** Two.\n\nText.\n")],
    [
      ["F-1", "One rule."],
      ["F-2", "Two."],
    ],
  );
  assert.throws(() => rulesIn("- **F-1** One.\n- **F-1** One.\n"), /F-1 is there twice/);
});
