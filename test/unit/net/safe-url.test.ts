import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { basicAuthorization, safeUrl, withoutUserInfo } from "../../../src/net/safe-url.ts";

describe("a URL in a message", () => {
  test("shows neither credentials nor query", () => {
    const url = new URL("https://user:pw@host:8443/a/b?X-Amz-Signature=1#x");
    assert.equal(safeUrl(url), "https://host:8443/a/b?…");
    assert.equal(safeUrl(new URL("http://host")), "http://host/");
  });

  test("loses its credentials without touching the original", () => {
    const url = new URL("https://user:pw@host/a?b");
    assert.equal(withoutUserInfo(url).href, "https://host/a?b");
    assert.equal(url.username, "user");
  });
});

describe("credentials in a URL", () => {
  const authorization = (text: string): string | undefined => {
    const value = basicAuthorization(new URL(text));
    return value === undefined ? value : Buffer.from(value.slice(6), "base64").toString();
  };
  test("become Basic authentication", () => {
    assert.equal(authorization("http://a:b@h"), "a:b");
    assert.equal(authorization("http://token@h"), "token:");
    assert.equal(authorization("http://:pw@h"), ":pw");
    assert.equal(authorization("http://a%40b:c%3Ad@h"), "a@b:c:d");
    assert.equal(authorization("http://h"), undefined);
  });
  test("that are no valid escapes are taken as they are", () => {
    assert.equal(authorization("http://a:100%@h"), "a:100%");
  });
});
