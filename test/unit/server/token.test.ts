import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TokenGuard } from "../../../src/server/token.ts";

const TOKEN = "abcdefghijklmnop";
const guard = new TokenGuard(TOKEN);

describe("TokenGuard accepts", () => {
  for (const scheme of ["Bearer", "bearer", "BEARER", "bEaReR"]) {
    test(`the scheme ${scheme}`, () => assert.ok(guard.accepts(`${scheme} ${TOKEN}`)));
  }
  test("several spaces after the scheme", () => assert.ok(guard.accepts(`Bearer    ${TOKEN}`)));

  test("a token of any length up to the longest, and no other length", () => {
    for (let length = 1; length <= 512; length++) {
      const token = "x".repeat(length);
      const exact = new TokenGuard(token);
      assert.ok(exact.accepts(`Bearer ${token}`), `${length}`);
      assert.equal(exact.accepts(`Bearer ${token}x`), false, `${length} + 1`);
      assert.equal(exact.accepts(`Bearer ${token.slice(1)}`), false, `${length} - 1`);
    }
  });

  test("the new token alone after a replacement, longer or shorter", () => {
    const changing = new TokenGuard("a".repeat(100));
    for (const token of ["b", "b".repeat(512), "bb"]) {
      changing.replace(token);
      assert.ok(changing.accepts(`Bearer ${token}`));
      assert.equal(changing.accepts(`Bearer ${"a".repeat(100)}`), false);
    }
  });
});

describe("TokenGuard refuses", () => {
  const WRONG = [
    undefined,
    "",
    "Bearer",
    "Bearer ",
    TOKEN,
    ` Bearer ${TOKEN}`,
    `Bearer\t${TOKEN}`,
    `Bearer${TOKEN}`,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN} `,
    `Bearer ${TOKEN}\u0000`,
    `Bearer ${TOKEN},`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer Bearer ${TOKEN}`,
    `Bearer ${TOKEN}, Bearer ${TOKEN}`,
  ];
  for (const authorization of WRONG) {
    test(JSON.stringify(authorization), () => assert.equal(guard.accepts(authorization), false));
  }

  test("every token that differs in one character", () => {
    for (let at = 0; at < TOKEN.length; at++) {
      const wrong = `${TOKEN.slice(0, at)}#${TOKEN.slice(at + 1)}`;
      assert.equal(guard.accepts(`Bearer ${wrong}`), false);
    }
  });

  test("tokens longer than any buffer, at lengths where a counter could wrap", () => {
    for (const length of [
      513,
      514,
      515,
      65_535,
      65_536,
      65_536 + TOKEN.length,
      131_072 + TOKEN.length,
    ]) {
      assert.equal(guard.accepts(`Bearer ${TOKEN.padEnd(length, "\0")}`), false, `${length}`);
      assert.equal(guard.accepts(`Bearer ${TOKEN.padEnd(length, "x")}`), false, `${length}`);
    }
  });

  test("characters that only share their low byte with the right ones", () => {
    const wrong = String.fromCharCode(...Array.from(TOKEN, (c) => c.charCodeAt(0) + 0x100));
    assert.equal(guard.accepts(`Bearer ${wrong}`), false);
  });

  test("everything after a long wrong one, as before it", () => {
    assert.equal(guard.accepts(`Bearer ${"y".repeat(5_000)}`), false);
    assert.ok(guard.accepts(`Bearer ${TOKEN}`));
    assert.equal(guard.accepts("Bearer "), false);
  });
});
