import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { signingPayload, type SignedFields } from "../../../src/artifact/signing-payload.ts";

const FIELDS: SignedFields = {
  version: 1,
  identity: "api",
  environment: "prod",
  revision: "1767225602000-246a4270",
  packedAt: { text: "2026-01-01T00:00:02.000Z" },
  ciphertextHash: "ab".repeat(32),
  expiresAt: undefined,
  envelope: undefined,
};

describe("the signing payload", () => {
  test("joins fourteen values by newlines, empty where there is nothing", () => {
    assert.equal(
      signingPayload(FIELDS).toString("utf8"),
      `clef-sig-v3\n1\napi\nprod\n1767225602000-246a4270\n2026-01-01T00:00:02.000Z\n${"ab".repeat(32)}\n\n\n\n\n\n\n`,
    );
  });

  test("holds the expiry and all six fields of the envelope", () => {
    const envelope = {
      provider: "gcp",
      keyId: "projects/p",
      wrappedKey: "d3JhcA==",
      algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION",
      iv: "aXY=",
      authTag: "dGFn",
    } as const;
    const lines = signingPayload({
      ...FIELDS,
      expiresAt: { text: "2027-01-01T00:00:00Z" },
      envelope,
    })
      .toString("utf8")
      .split("\n");
    assert.equal(lines.length, 14);
    assert.deepEqual(lines.slice(7), [
      "2027-01-01T00:00:00Z",
      "gcp",
      "projects/p",
      "d3JhcA==",
      "GOOGLE_SYMMETRIC_ENCRYPTION",
      "aXY=",
      "dGFn",
    ]);
  });

  test("is UTF-8", () => {
    assert.ok(signingPayload({ ...FIELDS, identity: "clé-鍵" }).includes(Buffer.from("clé-鍵")));
  });

  test("takes dates as the text that stands in the artifact", () => {
    const payload = signingPayload({ ...FIELDS, packedAt: { text: "2026-01-01T01:00:02+01:00" } });
    assert.match(payload.toString("utf8"), /\+01:00/);
  });
});
