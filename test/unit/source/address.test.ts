import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileSource } from "../../../src/source/file.ts";
import { openSource } from "../../../src/source/open.ts";
import { retryAfterMs } from "../../../src/source/retry-after.ts";
import { basicAuthorization, safeUrl, withoutUserInfo } from "../../../src/source/safe-url.ts";
import { coded } from "../../support/errors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

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

describe("a file source", () => {
  test("refuses a directory at once, and a pipe or a path through a file later", async (t) => {
    const directory = await temporaryDirectory(t);
    assert.throws(() => fileSource(directory), coded("source_unreadable", /is a directory/));
    await writeFile(join(directory, "file"), "x");
    const through = fileSource(join(directory, "file", "x"));
    const signal = new AbortController().signal;
    await assert.rejects(through.fetch({ etag: undefined, signal }), coded("source_not_found"));
    const later = fileSource(join(directory, "later"));
    await mkdir(join(directory, "later"));
    await assert.rejects(later.fetch({ etag: undefined, signal }), coded("source_unreadable"));
  });

  test("goes by its absolute path, wherever the agent was started", () => {
    assert.equal(fileSource("x.json").cacheKey, `file ${join(process.cwd(), "x.json")}`);
  });
});

test("openSource opens what the configuration names", () => {
  assert.equal(openSource({ kind: "file", path: "/x" }).type, "file");
  assert.equal(openSource({ kind: "http", url: new URL("http://h/x") }).type, "http");
});
