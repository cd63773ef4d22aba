import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { describe, test } from "node:test";
import { parseArtifact } from "../../../src/artifact/parse.ts";
import { signingPayload } from "../../../src/artifact/signing-payload.ts";
import { parseSigningKey } from "../../../src/keys/signing-keys.ts";
import { parseVerifyKeys, type VerifyKey } from "../../../src/keys/verify-keys.ts";
import { altered, pack, VERIFY_KEY } from "../../support/artifacts.ts";
import { resigned } from "../../support/signed.ts";
import { ANYONE, judge, SIGNED, verdictOf } from "../../support/verified.ts";

const signed = await pack({ signed: true, ttlMs: 3_600_000 });
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const ECDSA_SIGNER = parseSigningKey(p256.privateKey.export({ type: "pkcs8", format: "pem" }));
const keyText = (key: typeof p256.publicKey): string =>
  key.export({ type: "spki", format: "der" }).toString("base64");
const ECDSA_KEYS = parseVerifyKeys(keyText(p256.publicKey));
const OTHER_KEYS = parseVerifyKeys(keyText(generateKeyPairSync("ed25519").publicKey));

const under = (text: string, verifyKeys: readonly VerifyKey[]): string =>
  verdictOf(text, { policy: { ...ANYONE, verifyKeys } });

describe("a signature", () => {
  test("by the key is accepted", () =>
    assert.equal(verdictOf(signed, { policy: SIGNED }), "verified"));

  test("by ECDSA P-256 in DER form is accepted", async () => {
    assert.equal(under(await resigned(signed, {}, ECDSA_SIGNER), ECDSA_KEYS), "verified");
  });

  test("by ECDSA in the raw form of JOSE is refused", () => {
    const unsigned = altered(signed, { signature: undefined });
    const fields = parseArtifact(Buffer.from(unsigned));
    assert.ok(fields.kind === "artifact");
    const raw = sign("sha256", signingPayload(fields), {
      key: p256.privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const text = altered(unsigned, { signature: raw.toString("base64") });
    assert.equal(under(text, ECDSA_KEYS), "signature_invalid");
  });

  test("by any of several keys is accepted, in whatever order they stand", () => {
    assert.equal(under(signed, [...OTHER_KEYS, ...ECDSA_KEYS, ...SIGNED.verifyKeys]), "verified");
    assert.equal(under(signed, [...SIGNED.verifyKeys, ...OTHER_KEYS]), "verified");
  });

  test("by a key that is not among them is refused", () => {
    assert.equal(under(signed, [...OTHER_KEYS, ...ECDSA_KEYS]), "signature_invalid");
  });

  test("is asked for as soon as there is a key", async () => {
    assert.equal(verdictOf(await pack(), { policy: SIGNED }), "signature_missing");
  });

  test("is not looked at without a key, even if it is wrong", () => {
    assert.equal(verdictOf(altered(signed, { signature: "AAAA" })), "verified");
  });

  test("is checked by the key's algorithm, whatever the artifact claims", () => {
    for (const signatureAlgorithm of ["ECDSA_SHA256", "Ed25519", undefined]) {
      const text = altered(signed, { signatureAlgorithm });
      assert.equal(verdictOf(text, { policy: SIGNED }), "verified");
    }
  });

  test("of any length is refused without breaking anything", () => {
    for (const length of [1, 63, 64, 65, 1000]) {
      const signature = Buffer.alloc(length, 7).toString("base64");
      for (const keys of [SIGNED.verifyKeys, ECDSA_KEYS]) {
        assert.equal(under(altered(signed, { signature }), keys), "signature_invalid");
      }
    }
  });

  test("covers the time zone's spelling of a date, not only its instant", () => {
    const { packedAt } = JSON.parse(signed) as { packedAt: string };
    const text = altered(signed, { packedAt: packedAt.replace("Z", "+00:00") });
    assert.equal(verdictOf(text, { policy: SIGNED }), "signature_invalid");
  });
});

describe("a signature covers", () => {
  const CHANGES = {
    identity: "other",
    environment: "staging",
    revision: "1-00000000",
    packedAt: "2026-01-01T00:00:00Z",
    expiresAt: "2099-01-01T00:00:00Z",
    envelope: {
      provider: "aws",
      keyId: "k",
      wrappedKey: "AAAA",
      algorithm: "SYMMETRIC_DEFAULT",
      iv: Buffer.alloc(12).toString("base64"),
      authTag: Buffer.alloc(16).toString("base64"),
    },
  };
  for (const [name, value] of Object.entries(CHANGES)) {
    test(name, () => {
      const text = altered(signed, { [name]: value });
      assert.equal(verdictOf(text, { policy: SIGNED }), "signature_invalid");
    });
  }

  test("the presence of the expiry", () => {
    const text = altered(signed, { expiresAt: undefined });
    assert.equal(verdictOf(text, { policy: SIGNED }), "signature_invalid");
  });

  test("the ciphertext, through its hash", async () => {
    const { ciphertext, ciphertextHash } = JSON.parse(await pack()) as Record<string, string>;
    const swapped = altered(signed, { ciphertext });
    assert.equal(verdictOf(swapped, { policy: SIGNED }), "integrity");
    const both = altered(signed, { ciphertext, ciphertextHash });
    assert.equal(verdictOf(both, { policy: SIGNED }), "signature_invalid");
  });
});

test("the message of a bad signature names the variable and holds no key", () => {
  const policy = { ...ANYONE, verifyKeys: OTHER_KEYS };
  const verdict = judge(signed, { policy });
  assert.ok(verdict.kind === "invalid");
  assert.match(verdict.error.message, /CLEF_AGENT_VERIFY_KEY/);
  assert.ok(!verdict.error.message.includes(VERIFY_KEY));
});
