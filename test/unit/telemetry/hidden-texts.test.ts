import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HiddenTexts } from "../../../src/telemetry/hidden-texts.ts";

describe("a hidden text that takes the place of another", () => {
  test("leaves those hidden that went before it lately, and lets go of older ones", () => {
    const hidden = new HiddenTexts();
    const token = (number: number): string => `token-of-hour-${number}!`;
    for (let number = 0; number < 1_000; number++) hidden.hide(token(number), "A");
    for (const number of [999, 998, 992]) assert.equal(hidden.redact(token(number)), "[hidden]");
    assert.equal(hidden.redact(token(3)), token(3));
  });

  test("takes no other's place, nor that of one that lasts", () => {
    const hidden = new HiddenTexts();
    hidden.hide("lasting");
    hidden.hide("first of B", "B");
    for (let number = 0; number < 20; number++) hidden.hide(`number ${number} of A`, "A");
    assert.equal(hidden.redact("lasting, first of B"), "[hidden], [hidden]");
  });

  test("counts once, however often it comes", () => {
    const hidden = new HiddenTexts();
    hidden.hide("the one before", "A");
    for (let times = 0; times < 20; times++) hidden.hide("the same", "A");
    assert.equal(hidden.redact("the one before"), "[hidden]");
  });
});
