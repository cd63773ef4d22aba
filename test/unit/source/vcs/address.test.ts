import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOf, apiBase } from "../../../../src/source/vcs/address.ts";

for (const [given, suffix, base] of [
  [undefined, "/api/v4", "https://public.example/api/v4"],
  ["https://git.example", "/api/v4", "https://git.example/api/v4"],
  ["https://git.example/", "/api/v4", "https://git.example/api/v4"],
  ["https://git.example/gitlab", "/api/v4", "https://git.example/gitlab/api/v4"],
  ["https://git.example/gitlab/api/v4/", "/api/v4", "https://git.example/gitlab/api/v4"],
  ["https://git.example:8443/api/v3", "", "https://git.example:8443/api/v3"],
  ["https://git.example/api/v3//", "", "https://git.example/api/v3"],
  ["https://api.example/2.0", "/2.0", "https://api.example/2.0"],
  ["https://proxy.example/x%20y", "/2.0", "https://proxy.example/x%20y/2.0"],
] as const) {
  test(`the base of ${given ?? "the public service"} with "${suffix}" is ${base}`, () => {
    const url = given === undefined ? undefined : new URL(given);
    assert.equal(apiBase(url, "https://public.example", suffix), base);
  });
}

test("an address keeps the base's path, and every segment and value for itself", () => {
  const url = addressOf("https://h/api/v3", ["repos", "a b", "x/y", "%2e%2e", "#?ü"], {
    ref: "a b&c=d#é",
  });
  assert.equal(
    url.href,
    "https://h/api/v3/repos/a%20b/x%2Fy/%252e%252e/%23%3F%C3%BC?ref=a+b%26c%3Dd%23%C3%A9",
  );
});
