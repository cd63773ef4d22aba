import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { decodeBase64Bytes, encodeBase64Bytes } from "../../../src/kms/base64-bytes.ts";

const decode = (text: string): string | undefined =>
  decodeBase64Bytes(Buffer.from(text))?.toString("hex");

test("bytes of every length become the base64 that Node.js makes of them, and come back", () => {
  for (let length = 0; length < 100; length++) {
    const bytes = randomBytes(length);
    for (const alphabet of ["base64", "base64url"] as const) {
      const text = encodeBase64Bytes(bytes, alphabet);
      assert.equal(text.toString(), bytes.toString(alphabet));
      assert.ok(decodeBase64Bytes(text)?.equals(bytes));
    }
  }
});

test("every symbol of both alphabets is read", () => {
  const bytes = Buffer.from(Array.from({ length: 192 }, (_, index) => index));
  assert.equal(decode(bytes.toString("base64")), bytes.toString("hex"));
  assert.equal(decode(bytes.toString("base64url")), bytes.toString("hex"));
  assert.equal(decode("+/+/"), decode("-_-_"));
});

test("padding may be left out", () => {
  assert.equal(decode("QQ=="), "41");
  assert.equal(decode("QQ"), "41");
  assert.equal(decode("QUI="), "4142");
  assert.equal(decode("QUI"), "4142");
});

test("what is no base64 is nothing", () => {
  for (const text of ["Q", "QUJDR", "QQ===", "Q=Q=", "QU I", "QUI*", "QQ\n", "é===", "====", "="]) {
    assert.equal(decode(text), undefined, JSON.stringify(text));
  }
});
