import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseArtifact } from "../../../src/artifact/parse.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { ARTIFACT_MAX_BYTES } from "../../../src/limits.ts";
import { altered, pack } from "../../support/artifacts.ts";
import { coded } from "../../support/errors.ts";

const packed = await pack({ ttlMs: 60_000, signed: true });
const ENVELOPE = {
  provider: "aws",
  keyId: "arn:aws:kms:eu-west-1:111122223333:key/alpha",
  wrappedKey: "AQID",
  algorithm: "SYMMETRIC_DEFAULT",
  iv: Buffer.alloc(12, 1).toString("base64"),
  authTag: Buffer.alloc(16, 2).toString("base64"),
};

const parse = (text: string): ReturnType<typeof parseArtifact> => parseArtifact(Buffer.from(text));

describe("parseArtifact reads", () => {
  test("every field of a packed artifact", () => {
    const given = JSON.parse(packed) as Record<string, string>;
    const artifact = parse(packed);
    assert.ok(artifact.kind === "artifact");
    assert.equal(artifact.version, 1);
    assert.equal(artifact.identity, "api-gateway");
    assert.equal(artifact.environment, "production");
    assert.equal(artifact.revision, given["revision"]);
    assert.equal(artifact.ciphertext, given["ciphertext"]);
    assert.equal(artifact.ciphertextHash, given["ciphertextHash"]);
    assert.deepEqual(artifact.packedAt, {
      text: given["packedAt"],
      ms: Date.parse(given["packedAt"] ?? ""),
    });
    assert.equal(artifact.expiresAt?.text, given["expiresAt"]);
    assert.equal(artifact.signature?.bytes.toString("base64"), given["signature"]);
    assert.equal(artifact.signature?.claimedAlgorithm, "Ed25519");
    assert.equal(artifact.envelope, undefined);
  });

  test("a KMS envelope", () => {
    const artifact = parse(altered(packed, { envelope: ENVELOPE }));
    assert.ok(artifact.kind === "artifact");
    assert.deepEqual(artifact.envelope, ENVELOPE);
  });

  test("an artifact with a byte order mark and line ends around it", () => {
    assert.deepEqual(parse(`\ufeff${packed}\r\n`), parse(packed));
  });

  test("an artifact without expiry and signature", async () => {
    const artifact = parse(await pack());
    assert.ok(artifact.kind === "artifact");
    assert.equal(artifact.expiresAt, undefined);
    assert.equal(artifact.signature, undefined);
  });

  test("an artifact with fields that it does not know", () => {
    assert.equal(parse(altered(packed, { extra: { deep: [1] }, toString: 1 })).kind, "artifact");
  });

  test("a revocation marker that holds nothing else", () => {
    const marker = { version: 1, identity: "api", environment: "prod", revokedAt: "2026-01-01" };
    assert.deepEqual(parse(JSON.stringify(marker)), {
      kind: "revocation",
      identity: "api",
      environment: "prod",
      revision: undefined,
      revokedAt: "2026-01-01",
    });
  });

  test("an artifact with revokedAt as a marker, with the revision that it names", () => {
    const marker = parse(altered(packed, { revokedAt: "2026-01-01T00:00:00Z" }));
    assert.ok(marker.kind === "revocation");
    assert.equal(marker.revision, (JSON.parse(packed) as { revision: string }).revision);
  });

  test("a marker whose other fields are damaged: the brake works all the same", () => {
    const text = altered(packed, { revokedAt: "2026-01-01", ciphertext: 7, envelope: null });
    assert.equal(parse(text).kind, "revocation");
  });

  test("a marker that names a revision which no artifact can have, as one that names none", () => {
    for (const revision of [7, null, "", "1\n2", "\ud800", "1".repeat(2_000_000)]) {
      const marker = parse(altered(packed, { revokedAt: "2026-01-01", revision }));
      assert.ok(marker.kind === "revocation");
      assert.equal(marker.revision, undefined);
    }
  });

  test("a long text with all the signs of JSON in it", () => {
    const note = '[{,:"\\'.repeat(100_000);
    assert.equal(parse(altered(packed, { note })).kind, "artifact");
  });

  test("bytes that lie somewhere inside a larger buffer", () => {
    const large = Buffer.from(`xx${packed}yy`);
    assert.equal(parseArtifact(large.subarray(2, -2)).kind, "artifact");
  });
});

const FIELDS: readonly (readonly [ErrorCode, Readonly<Record<string, unknown>>])[] = [
  ["missing_fields", { version: undefined }],
  ["unsupported_version", { version: 2 }],
  ["unsupported_version", { version: "1" }],
  ["unsupported_version", { version: null }],
  ["unsupported_version", { version: true }],
  ["missing_fields", { identity: undefined }],
  ["missing_fields", { environment: undefined }],
  ["missing_fields", { packedAt: undefined }],
  ["missing_fields", { revision: undefined }],
  ["missing_fields", { ciphertext: undefined }],
  ["missing_fields", { ciphertextHash: undefined }],
  ["invalid_shape", { identity: 7 }],
  ["invalid_shape", { identity: "" }],
  ["invalid_shape", { identity: null }],
  ["invalid_shape", { identity: ["api"] }],
  ["invalid_shape", { identity: "api\nproduction" }],
  ["invalid_shape", { environment: "prod\u0000" }],
  ["invalid_shape", { environment: "prod\u0085" }],
  ["invalid_shape", { environment: "prod\ud800" }],
  ["invalid_shape", { revision: "1\r2" }],
  ["invalid_shape", { identity: "a".repeat(1_025) }],
  ["invalid_shape", { environment: "a".repeat(1_025) }],
  ["invalid_shape", { revision: "1".repeat(1_025) }],
  ["invalid_shape", { envelope: { ...ENVELOPE, keyId: "a".repeat(1_025) } }],
  ["invalid_shape", { packedAt: "yesterday" }],
  ["invalid_shape", { packedAt: 1_767_225_602_000 }],
  ["invalid_shape", { expiresAt: "never" }],
  ["invalid_shape", { expiresAt: null }],
  ["invalid_shape", { expiresAt: "" }],
  ["invalid_shape", { expiresAt: 0 }],
  ["invalid_shape", { expiresAt: "2026-02-30T00:00:00Z" }],
  ["invalid_shape", { expiresAt: "2026-01-01T00:00:00" }],
  ["invalid_shape", { ciphertext: "not base64!" }],
  ["invalid_shape", { ciphertext: "AAA" }],
  ["invalid_shape", { ciphertext: "AA-_" }],
  ["invalid_shape", { ciphertext: "AAAA\n" }],
  ["invalid_shape", { ciphertext: "" }],
  ["invalid_shape", { ciphertextHash: "ab" }],
  ["invalid_shape", { ciphertextHash: "g".repeat(64) }],
  ["invalid_shape", { signature: "***" }],
  ["invalid_shape", { signature: "" }],
  ["invalid_shape", { signature: null }],
  ["invalid_shape", { signature: 7 }],
  ["invalid_shape", { signatureAlgorithm: "none" }],
  ["invalid_shape", { signatureAlgorithm: null }],
  ["invalid_shape", { envelope: null }],
  ["invalid_shape", { envelope: [] }],
  ["invalid_shape", { envelope: "aws" }],
  ["incomplete_envelope", { envelope: {} }],
  ["incomplete_envelope", { envelope: { ...ENVELOPE, authTag: undefined } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, provider: "vault" } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, keyId: "a\nb" } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, keyId: "" } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, wrappedKey: "A" } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, algorithm: 1 } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, iv: Buffer.alloc(11).toString("base64") } }],
  ["invalid_shape", { envelope: { ...ENVELOPE, authTag: Buffer.alloc(12).toString("base64") } }],
];

describe("parseArtifact refuses", () => {
  for (const [code, changes] of FIELDS) {
    const [name] = Object.keys(changes);
    test(`${code}: ${JSON.stringify(changes).slice(0, 100)} (${name ?? ""})`, () => {
      assert.throws(() => parse(altered(packed, changes)), coded(code));
    });
  }

  for (const name of Object.keys(ENVELOPE)) {
    test(`an envelope without ${name}, and names it`, () => {
      const envelope = { ...ENVELOPE, [name]: undefined };
      assert.throws(
        () => parse(altered(packed, { envelope })),
        coded("incomplete_envelope", new RegExp(`lacks ${name}`)),
      );
    });
  }

  const TEXTS: readonly (readonly [ErrorCode, string, RegExp])[] = [
    ["json_parse", "", /empty/],
    ["json_parse", "<!doctype html>", /HTML/],
    ["json_parse", "age-encryption.org/v1\n-> X25519", /bare age file/],
    ["json_parse", packed.slice(0, 200), /cut short/],
    ["json_parse", `${packed}x`, /cut short or damaged/],
    ["json_parse", "hello", /other text/],
    ["invalid_shape", "[]", /not a JSON object/],
    ["invalid_shape", "null", /not a JSON object/],
    ["invalid_shape", "7", /not a JSON object/],
    ["missing_fields", "{}", /version/],
    ["missing_fields", '{"__proto__":{"version":1}}', /version/],
  ];
  for (const [code, text, message] of TEXTS) {
    test(`${code}: ${JSON.stringify(text.slice(0, 30))}, saying what it looks like`, () => {
      assert.throws(() => parse(text), coded(code, message));
    });
  }

  test("UTF-16, with a word on where it comes from", () => {
    const bytes = Buffer.from(`\ufeff${packed}`, "utf16le");
    assert.throws(() => parseArtifact(bytes), coded("json_parse", /UTF-16, as .*PowerShell/));
  });

  test("bytes that are not UTF-8", () => {
    const bytes = Buffer.from(packed);
    bytes[20] = 0xff;
    assert.throws(() => parseArtifact(bytes), coded("json_parse", /UTF-8/));
  });

  test("more bytes than an artifact may have, without reading them as JSON", () => {
    const bytes = Buffer.alloc(ARTIFACT_MAX_BYTES + 1, " ");
    assert.throws(() => parseArtifact(bytes), coded("invalid_shape", /larger than/));
  });

  const MANY: Readonly<Record<string, string>> = {
    arrays: `{"version":1,"x":[${"[],".repeat(6_000)}1]}`,
    "arrays in arrays": `{"version":1,"x":${"[".repeat(11_000)}${"]".repeat(11_000)}}`,
    "objects in objects": `{"version":1,"x":${'{"":'.repeat(6_000)}1${"}".repeat(6_000)}}`,
    members: `{"version":1${',"x":1'.repeat(6_000)}}`,
    numbers: `{"version":1,"x":[${"1,".repeat(11_000)}1]}`,
    strings: `{"version":1,"x":[${String.raw`"\"",`.repeat(11_000)}1]}`,
  };
  for (const [what, text] of Object.entries(MANY)) {
    test(`more ${what} than would fit into memory, without making them`, () => {
      assert.throws(() => parse(text), coded("invalid_shape", /more than 10000 JSON tokens/));
    });
  }

  test("a long web page as what it is", () => {
    assert.throws(() => parse(`<html>${"{:,".repeat(10_000)}`), coded("json_parse", /HTML/));
  });

  test("inherited fields: what is missing is not found on Object.prototype", () => {
    const text = altered(packed, { revision: undefined, constructor: "x" });
    assert.throws(() => parse(text), coded("missing_fields", /revision/));
  });

  test("without quoting what it read, beyond names of fields", () => {
    for (const [, changes] of FIELDS) {
      try {
        parse(altered(packed, { ...changes, note: "sk_alpha_secret" }));
      } catch (error) {
        assert.doesNotMatch(String(error), /sk_alpha_secret/);
      }
    }
  });
});
