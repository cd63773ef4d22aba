import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { authenticatedLines } from "../../../src/system/authenticated-line.ts";

const LINES = authenticatedLines(["first", "second"], "source", "label");

describe("an authenticated line", () => {
  test("reads back as the text that it was made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const oneLine = text.replaceAll(/[\n\r\u2028\u2029]/g, " ");
        assert.equal(LINES.decode(LINES.encode(oneLine)), oneLine);
      }),
    );
  });

  test("is signed by the first secret and accepted for every one", () => {
    const line = LINES.encode("text");
    assert.equal(authenticatedLines(["first"], "source", "label").encode("text"), line);
    assert.equal(authenticatedLines(["other", "first"], "source", "label").decode(line), "text");
  });

  test("is nothing to who has other secrets, another context or another label", () => {
    const line = LINES.encode("text");
    for (const others of [
      authenticatedLines(["third"], "source", "label"),
      authenticatedLines([], "source", "label"),
      authenticatedLines(["first"], "another", "label"),
      authenticatedLines(["first"], "source", "another"),
    ]) {
      assert.equal(others.decode(line), undefined);
    }
  });

  test("is nothing once a character was changed, left out or added", () => {
    const line = LINES.encode('{"refreshedAtMs":1000}');
    for (let at = 0; at < line.length; at++) {
      const other = line[at] === "0" ? "1" : "0";
      assert.equal(LINES.decode(line.slice(0, at) + other + line.slice(at + 1)), undefined);
      assert.equal(LINES.decode(line.slice(0, at) + line.slice(at + 1)), undefined);
      assert.equal(LINES.decode(`${line.slice(0, at)}x${line.slice(at)}`), undefined);
    }
    assert.equal(LINES.decode(line + line), undefined);
  });

  test("without any secret finds damage, and no forgery", () => {
    const open = authenticatedLines([], "source", "label");
    assert.equal(authenticatedLines([], "source", "label").decode(open.encode("text")), "text");
    assert.equal(open.decode(open.encode("text").replace("text", "tent")), undefined);
  });
});
