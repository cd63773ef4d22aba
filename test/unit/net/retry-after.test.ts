import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { retryAfterMs } from "../../../src/net/retry-after.ts";

describe("Retry-After", () => {
  const NOW = Date.UTC(2026, 0, 1);
  const after = (value: string): number | undefined =>
    retryAfterMs(new Headers({ "retry-after": value }), NOW);
  test("is a number of seconds", () => {
    assert.equal(after("7"), 7_000);
    assert.equal(after("0"), 0);
  });
  test("is a date", () => {
    assert.equal(after("Thu, 01 Jan 2026 00:01:00 GMT"), 60_000);
    assert.equal(after("Wed, 31 Dec 2025 00:00:00 GMT"), 0);
  });
  test("is nothing when it is nonsense or missing", () => {
    for (const value of ["soon", "", "1e9999"]) assert.equal(after(value), undefined, value);
    assert.equal(retryAfterMs(new Headers(), NOW), undefined);
  });
  test("never asks for time in the past", () => {
    for (const value of ["-5", "-1.5", "1999"]) assert.ok((after(value) ?? 0) >= 0, value);
  });
});
