import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { parseArtifact } from "../../src/artifact/parse.ts";
import { signingPayload } from "../../src/artifact/signing-payload.ts";
import { AgentError } from "../../src/errors.ts";
import { pack } from "../support/artifacts.ts";
import { text } from "../support/arbitraries.ts";
import { runs } from "../support/runs.ts";
import { judge, SIGNED } from "../support/verified.ts";

type Fields = Readonly<Record<string, unknown>>;
const NAMES = [
  "version",
  "identity",
  "environment",
  "packedAt",
  "revision",
  "ciphertext",
  "ciphertextHash",
  "envelope",
  "expiresAt",
  "signature",
  "signatureAlgorithm",
  "revokedAt",
];
const good = JSON.parse(await pack({ signed: true, ttlMs: 3_600_000 })) as Fields;
const signed = Buffer.from(JSON.stringify(good));

const odd: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    1,
    2,
    "",
    "1",
    "AAAA",
    "2026-01-01",
    "2026-02-30",
    false,
    "Ed25519",
    "ab".repeat(32),
  ),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
);
const changes = fc.dictionary(fc.constantFrom(...NAMES), odd, { maxKeys: 4 });

const isPlain = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && !/\p{Cc}/u.test(value) && value.isWellFormed();
const isDate = (value: unknown): boolean => isPlain(value) && !Number.isNaN(Date.parse(value));
const isBase64 = (value: unknown): value is string =>
  isPlain(value) &&
  /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(value) &&
  !value.includes("_");

describe("parseArtifact", () => {
  test("throws nothing but AgentError, whatever the bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc.string({ unit: "binary" }).map((string) => Buffer.from(string)),
      fc.tuple(fc.nat(signed.length - 1), fc.nat(255)).map(([at, byte]) => {
        const damaged = Buffer.from(signed);
        damaged[at] = byte;
        return damaged;
      }),
      fc.nat(signed.length).map((length) => signed.subarray(0, length)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          parseArtifact(given);
        } catch (error) {
          assert.ok(error instanceof AgentError, String(error));
        }
      }),
      { numRuns: runs(5_000) },
    );
  });

  test("accepts no field that the contract forbids", () => {
    fc.assert(
      fc.property(changes, (given) => {
        const fields: Fields = { ...good, ...given };
        let parsed;
        try {
          parsed = parseArtifact(Buffer.from(JSON.stringify(fields)));
        } catch (error) {
          assert.ok(error instanceof AgentError, String(error));
          return;
        }
        const revoked = ![undefined, null, false].includes(fields["revokedAt"] as undefined);
        assert.equal(parsed.kind === "revocation", revoked);
        if (parsed.kind === "revocation") return;
        assert.equal(fields["version"], 1);
        assert.ok(isPlain(fields["identity"]) && isPlain(fields["environment"]));
        assert.ok(isPlain(fields["revision"]) && isDate(fields["packedAt"]));
        assert.ok(isBase64(fields["ciphertext"]));
        assert.match(String(fields["ciphertextHash"]), /^[0-9a-f]{64}$/i);
        assert.ok(isDate(fields["expiresAt"]) && isBase64(fields["signature"]));
        assert.equal(signingPayload(parsed).toString().split("\n").length, 14);
      }),
      { numRuns: runs(3_000) },
    );
  });
});

describe("verify", () => {
  test("accepts no change of any byte of a signed artifact that changes its meaning", () => {
    const at = fc.nat(signed.length - 1);
    fc.assert(
      fc.property(at, fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const changed = Buffer.from(signed);
        changed[position] = (changed[position] ?? 0) ^ flip;
        const verdict = judge(changed, { policy: SIGNED });
        if (verdict.kind !== "verified") return;
        // Only what the signature rightly leaves out may differ: the case of hex in no signed field,
        // unknown names, and the claim of an algorithm.
        assert.deepEqual(signingPayload(verdict.artifact.fields), signingPayload(SIGNED_FIELDS));
        assert.equal(verdict.artifact.ciphertext.toString("base64"), good["ciphertext"]);
      }),
      { numRuns: runs(3_000) },
    );
  });
});

const original = parseArtifact(signed);
assert.ok(original.kind === "artifact");
const SIGNED_FIELDS = original;
