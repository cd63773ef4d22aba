import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { NOTHING_ACCEPTED } from "../../../src/artifact/trust.ts";
import { verify } from "../../../src/artifact/verify.ts";
import { type AgentError, REASON_CODES } from "../../../src/errors.ts";
import { pack, revocation } from "../../support/artifacts.ts";
import { ANYONE, SIGNED } from "../../support/verified.ts";
import type { FuzzTarget } from "../target.ts";

const NOW = Date.UTC(2026, 5, 1);
const signed = await pack({ signed: true, nowMs: NOW });
const genuine = new Set([signed]);
const envelope = {
  provider: "aws",
  keyId: "arn:aws:kms:eu-central-1:123456789012:key/k",
  wrappedKey: "AAAA",
  algorithm: "SYMMETRIC_DEFAULT",
  iv: "AAAAAAAAAAAAAAAA",
  authTag: "AAAAAAAAAAAAAAAAAAAAAA==",
};

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The members of a JSON object, or none. */
function membersOf(input: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(input.toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** An artifact whose hash fits, so that what comes after the hash is reached. */
function withHash(input: Buffer): Buffer {
  const members = membersOf(input);
  const { ciphertext } = members;
  if (typeof ciphertext !== "string") return input;
  return Buffer.from(JSON.stringify({ ...members, ciphertextHash: sha256(ciphertext) }));
}

function check(input: Buffer): void {
  const members = membersOf(input);
  for (const policy of [ANYONE, SIGNED]) {
    const verdict = verify(input, policy, NOTHING_ACCEPTED, NOW);
    if (verdict.kind === "invalid") {
      const { error }: { error: AgentError } = verdict;
      assert.equal(error.cause, undefined, "it was refused by accident");
      assert.ok(REASON_CODES.some((code) => code === error.code));
    } else if (verdict.kind === "verified") {
      const { fields, ciphertext } = verdict.artifact;
      assert.equal(members["version"], 1);
      assert.equal(sha256(ciphertext.toString("base64")), fields.ciphertextHash.toLowerCase());
      assert.ok(fields.expiresAt === undefined || fields.expiresAt.ms > NOW);
      assert.ok(
        members["revokedAt"] === undefined || [null, false].includes(members["revokedAt"] as null),
      );
      if (policy !== SIGNED) continue;
      const { signature, ...rest } = membersOf(Buffer.from(signed));
      assert.ok(typeof signature === "string" && genuine.size > 0);
      for (const name of ["identity", "environment", "revision", "packedAt", "ciphertext"]) {
        assert.equal(members[name], rest[name], `${name} was changed under a signature`);
      }
    } else if (verdict.kind === "revoked") {
      assert.ok(![undefined, null, false].includes(members["revokedAt"] as undefined));
    }
  }
}

/** The bytes of an artifact, to the verdict. */
export const target: FuzzTarget = {
  maxBytes: 2048,
  seeds: [
    signed,
    await pack({ nowMs: NOW, ttlMs: 1_000 }),
    JSON.stringify({ ...membersOf(Buffer.from(signed)), envelope, ciphertext: "AAAA" }),
    revocation(NOW),
    '{"revokedAt":true}',
  ],
  words: [
    '"revokedAt":',
    '"expiresAt":"2027-01-01T00:00:00Z",',
    '"envelope":null,',
    '"signatureAlgorithm":"ECDSA_SHA256",',
    '"version":1,',
    "{",
    "}",
    "null",
    "false",
    "\\n",
    "[",
    '"',
    "2026-02-30T00:00:00Z",
  ],
  run(input) {
    check(input);
    check(withHash(input));
  },
};
