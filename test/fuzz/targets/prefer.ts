import assert from "node:assert/strict";
import { MAX_WAIT_SECONDS } from "../../../src/limits.ts";
import { waitPreference } from "../../../src/server/prefer.ts";
import type { FuzzTarget } from "../target.ts";

/** The Prefer header. */
export const target: FuzzTarget = {
  maxBytes: 200,
  seeds: ["wait=60", 'respond-async, wait="10"', 'foo="a,b\\"";x=1, WAIT = 5 ;y', "wait=1, wait=2"],
  words: ["wait", "wait=", "WAIT", '"', "\\", ";", ",", "=", " ", "240", "999999999999999999999"],
  run(input) {
    const text = input.toString("latin1");
    const seconds = waitPreference(text.split("\n"));
    const fits = Number.isInteger(seconds) && Number(seconds) >= 0;
    assert.ok(seconds === undefined || (fits && seconds <= MAX_WAIT_SECONDS));
    if (!/wait/i.test(text)) assert.equal(seconds, undefined);
    const plain = /^wait=(\d{1,9})$/.exec(text);
    if (plain !== null) assert.equal(seconds, Math.min(Number(plain[1]), MAX_WAIT_SECONDS));
  },
};
