import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { verdict } from "../../../bench/report.ts";
import { changeOf, compare } from "../../../bench/stats.ts";

describe("a comparison", () => {
  test("has the median of the ratios, and half of what their middle half spans", () => {
    const pairs = [1.0, 1.1, 1.2, 1.3, 9.0].map((agent) => ({ agent, bare: 1 }));
    const { ratio, spread } = compare(pairs);
    assert.equal(ratio, 1.2);
    assert.equal(spread.toFixed(3), "0.100");
  });

  test("of one block has no spread", () => {
    assert.deepEqual(compare([{ agent: 3, bare: 2 }]), {
      agent: 3,
      bare: 2,
      ratio: 1.5,
      spread: 0,
    });
  });
});

describe("a target", () => {
  for (const [ratio, spread, said] of [
    [1.1, 0.01, "≤ 1.15 met"],
    [1.2, 0.01, "≤ 1.15 not met"],
    [1.14, 0.02, "≤ 1.15 met"],
    [1.1, 0.2, "≤ 1.15 too noisy to say"],
    [1.2, 0.2, "≤ 1.15 too noisy to say"],
    [2, 0.2, "≤ 1.15 not met"],
  ] as const) {
    test(`is ${said} with a ratio of ${ratio} that spreads over ${spread}`, () => {
      assert.equal(verdict({ ratio, spread, target: 1.15 }), said);
    });
  }
});

describe("beside another commit", () => {
  for (const [said, ratios] of [
    ["worse", [1.06, 1.08, 1.2]],
    ["too noisy to say", [1.04, 1.08, 1.9]],
    ["no worse", [0.8, 1.05, 1.9]],
    ["no worse", [0.7, 0.8, 0.9]],
  ] as const) {
    test(`it is ${said} where its lives have ${ratios.join(", ")} of what they had`, () => {
      assert.equal(changeOf(ratios), said);
    });
  }
});
