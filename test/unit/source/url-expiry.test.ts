import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { urlExpiresAt } from "../../../src/source/url-expiry.ts";

const at = (query: string): string | undefined =>
  urlExpiresAt(new URL(`https://host/a?${query}`))?.toISOString();

describe("a signed URL expires", () => {
  for (const [whose, query, expected] of [
    ["S3", "X-Amz-Date=20261127T120000Z&X-Amz-Expires=900", "2026-11-27T12:15:00.000Z"],
    ["Google", "X-Goog-Date=20261127T120000Z&X-Goog-Expires=60", "2026-11-27T12:01:00.000Z"],
    ["an older signature", "Expires=1795780800&Signature=x", "2026-11-27T12:00:00.000Z"],
    ["Azure", "se=2026-11-27T12%3A00%3A00Z&sig=x", "2026-11-27T12:00:00.000Z"],
    ["Azure, by the day", "se=2026-11-27&sig=x", "2026-11-27T00:00:00.000Z"],
  ] as const) {
    test(`as ${whose} writes it`, () => assert.equal(at(query), expected));
  }

  for (const query of [
    "",
    "se=2026-11-27",
    "Expires=1795780800",
    "se=soon&sig=x",
    "X-Amz-Date=today&X-Amz-Expires=900",
    "X-Amz-Date=20261399T120000Z&X-Amz-Expires=9",
  ]) {
    test(`never, for all that can be said, with "${query}"`, () => {
      assert.equal(at(query), undefined);
    });
  }
});
