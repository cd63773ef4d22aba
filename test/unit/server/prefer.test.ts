import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, assert as assertProperty, property, string } from "fast-check";
import { waitPreference } from "../../../src/server/prefer.ts";

const CASES: readonly (readonly [readonly string[], number | undefined])[] = [
  [["wait=60"], 60],
  [["WAIT=60"], 60],
  [["wait = 60"], 60],
  [['wait="60"'], 60],
  [["wait=060"], 60],
  [["wait=0"], 0],
  [["wait=240"], 240],
  [["wait=241"], 240],
  [["wait=99999999999999999999999"], 240],
  [["respond-async, wait=10"], 10],
  [["respond-async; foo=bar, wait=10; q=1"], 10],
  [['foo="a, wait=5", wait=10'], 10],
  [["respond-async", "wait=10"], 10],
  [["wait=10, wait=20"], 10],
  [["wait=x, wait=20"], undefined],
  [["wait"], undefined],
  [["wait, wait=20"], undefined],
  [["wait=20 x"], undefined],
  [['wait="2"0'], undefined],
  [["wait=20 ; q=1"], 20],
  [["wait="], undefined],
  [['wait=""'], undefined],
  [["wait=-1"], undefined],
  [["wait=+1"], undefined],
  [["wait=1.5"], undefined],
  [["wait=1s"], undefined],
  [["await=10"], undefined],
  [["waiting=10"], undefined],
  [[""], undefined],
  [[",,,"], undefined],
  [[], undefined],
];

describe("the preference to wait (RFC 7240)", () => {
  for (const [values, seconds] of CASES) {
    test(`of ${JSON.stringify(values)} is ${seconds ?? "none"}`, () => {
      assert.equal(waitPreference(values), seconds);
    });
  }

  for (const [what, make] of [
    ["before", (blanks: string) => `wait${blanks}x`],
    ["behind", (blanks: string) => `wait=${blanks}x"`],
    ["around", (blanks: string) => `wait${blanks}=${blanks}x y`],
  ] as const) {
    test(`is read in a time that grows with the length alone, with blanks ${what} the value`, () => {
      const text = make(" ".repeat(1_000_000));
      // A pattern that tries each way to share the blanks out would take minutes.
      const before = process.cpuUsage();
      assert.equal(waitPreference([text]), undefined);
      assert.ok(process.cpuUsage(before).user < 5_000_000);
    });
  }

  test("is read from any text without an error", () => {
    assertProperty(
      property(array(string({ maxLength: 200 })), (values) => {
        const seconds = waitPreference(values);
        assert.ok(seconds === undefined || (Number.isInteger(seconds) && seconds <= 240));
      }),
    );
  });
});
