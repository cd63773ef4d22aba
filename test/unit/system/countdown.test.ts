import assert from "node:assert/strict";
import { test } from "node:test";
import { countdown } from "../../../src/system/countdown.ts";

test("what one step takes is gone for the next, and the last millisecond stays", () => {
  let nowMs = 1_000;
  const leftMs = countdown(500, () => nowMs);
  assert.equal(leftMs(), 500);
  nowMs += 120.4;
  assert.equal(leftMs(), 380, "rounded up, so that no step gets less than there is");
  nowMs = 1_500;
  assert.equal(leftMs(), 1);
  nowMs = 9_000;
  assert.equal(leftMs(), 1);
});
