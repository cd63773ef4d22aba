import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBase64, own, parseTimestamp } from "../../../src/artifact/fields.ts";

describe("a timestamp", () => {
  const DATES: readonly (readonly [string, number])[] = [
    ["2026-01-02T03:04:05Z", Date.UTC(2026, 0, 2, 3, 4, 5)],
    ["2026-01-02T03:04:05.678Z", Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ["2026-01-02T03:04:05.678901234Z", Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ["2026-01-02T03:04Z", Date.UTC(2026, 0, 2, 3, 4)],
    ["2026-01-02T03:04:05+02:00", Date.UTC(2026, 0, 2, 1, 4, 5)],
    ["2026-01-02", Date.UTC(2026, 0, 2)],
    ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  ];
  for (const [text, ms] of DATES) {
    test(`may be ${text}`, () => assert.equal(parseTimestamp(text), ms));
  }

  const NONE = [
    "",
    "never",
    "0",
    "2026",
    "2026-1-2",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-01-02T25:00:00Z",
    "2026-01-02T03:60:00Z",
    "2026-01-02T03:04:61Z",
    "2026-01-02T03:04:05",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05+99:00",
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05Z\n",
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "+002026-01-02T03:04:05Z",
    "٢٠٢٦-01-02T03:04:05Z",
  ];
  for (const text of NONE) {
    test(`is not ${JSON.stringify(text)}`, () => assert.equal(parseTimestamp(text), undefined));
  }
});

describe("strict base64", () => {
  for (const text of ["", "AA==", "AAA=", "AAAA", "+/+/"]) {
    test(`is ${JSON.stringify(text)}`, () => {
      assert.equal(decodeBase64(text)?.toString("base64"), text);
    });
  }
  for (const text of ["A", "AA", "AAA", "AA=", "AB==", "AAAA=", "-_-_", "AA AA", "AAAA\n", "é"]) {
    test(`is not ${JSON.stringify(text)}`, () => assert.equal(decodeBase64(text), undefined));
  }
});

test("own finds no inherited property", () => {
  assert.equal(own({}, "constructor"), undefined);
  assert.equal(own({ constructor: 1 }, "constructor"), 1);
  assert.equal(own(JSON.parse('{"__proto__":1}') as Record<string, unknown>, "__proto__"), 1);
});
