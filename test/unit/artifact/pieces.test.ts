import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { holdsPieceOf } from "../../../src/artifact/pieces.ts";

test("any eight bytes of a text are found at any place", () => {
  const text = randomBytes(3_000);
  fc.assert(
    fc.property(fc.nat(text.length - 8), fc.nat(5_000), (from, at) => {
      const sealed = randomBytes(6_000);
      sealed.set(text.subarray(from, from + 8), at);
      assert.ok(holdsPieceOf(text, sealed));
    }),
    { numRuns: 200 },
  );
});

test("it says what a search for each piece says", () => {
  const few = fc.uint8Array({ minLength: 8, maxLength: 60, max: 1 });
  fc.assert(
    fc.property(few, few, (text, sealed) => {
      const pieces = Array.from({ length: text.length - 7 }, (_, at) => text.subarray(at, at + 8));
      const expected = pieces.some((piece) => Buffer.from(sealed).includes(piece));
      assert.equal(holdsPieceOf(text, sealed), expected);
    }),
    { numRuns: 500 },
  );
});

test("random bytes hold no piece of a text", () => {
  assert.equal(holdsPieceOf(randomBytes(200_000), randomBytes(200_000)), false);
});

test("a text of fewer than eight bytes is looked for as a whole, unless it is met by chance", () => {
  assert.ok(holdsPieceOf(Buffer.from("abcd"), Buffer.from("..abcd..")));
  assert.equal(holdsPieceOf(Buffer.from("abcd"), Buffer.from("..abc...")), false);
  assert.equal(holdsPieceOf(Buffer.from("{}"), Buffer.from("{}{}")), false);
  assert.equal(holdsPieceOf(Buffer.alloc(0), Buffer.from("abc")), false);
});
