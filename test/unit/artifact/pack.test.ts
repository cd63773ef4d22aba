import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { Decrypter } from "age-encryption";
import { packArtifact, revocationMarker } from "../../../src/artifact/pack.ts";
import { ageSeal } from "../../../src/seal/age-seal.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, pack, SIGNER } from "../../support/artifacts.ts";
import { SIGNED, verdictOf } from "../../support/verified.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
type Packed = Readonly<Record<string, unknown>>;

describe("packArtifact", () => {
  test("writes the fields of the contract and no others", async () => {
    const fields = JSON.parse(await pack({ nowMs: NOW })) as Packed;
    assert.deepEqual(Object.keys(fields).toSorted(), [
      "ciphertext",
      "ciphertextHash",
      "environment",
      "identity",
      "packedAt",
      "revision",
      "version",
    ]);
    assert.equal(fields["packedAt"], "2026-01-02T03:04:05.678Z");
    assert.match(String(fields["revision"]), new RegExp(`^${NOW}-[0-9a-f]{8}$`));
  });

  test("adds the expiry and the signature when asked to", async () => {
    const fields = JSON.parse(await pack({ nowMs: NOW, ttlMs: 1_000, signed: true })) as Packed;
    assert.equal(fields["expiresAt"], "2026-01-02T03:04:06.678Z");
    assert.equal(fields["signatureAlgorithm"], "Ed25519");
    assert.equal(Buffer.from(String(fields["signature"]), "base64").length, 64);
  });

  test("hashes the base64 text of the ciphertext", async () => {
    const fields = JSON.parse(await pack()) as { ciphertext: string; ciphertextHash: string };
    assert.equal(
      createHash("sha256").update(fields.ciphertext).digest("hex"),
      fields.ciphertextHash,
    );
  });

  test("gives another revision and another ciphertext every time", async () => {
    const [one, other] = await Promise.all([pack({ nowMs: NOW }), pack({ nowMs: NOW })]);
    const [a, b] = [JSON.parse(one) as Packed, JSON.parse(other) as Packed];
    assert.notEqual(a["revision"], b["revision"]);
    assert.notEqual(a["ciphertext"], b["ciphertext"]);
  });

  test("makes a binary age file that the age library itself can open", async () => {
    const { ciphertext } = JSON.parse(await pack({ payload: '{"A":"b"}' })) as Record<
      string,
      string
    >;
    const decrypter = new Decrypter();
    decrypter.addIdentity(AGE_IDENTITY);
    const file = Buffer.from(ciphertext ?? "", "base64");
    assert.ok(file.toString("latin1").startsWith("age-encryption.org/v1\n"));
    assert.equal(Buffer.from(await decrypter.decrypt(file)).toString(), '{"A":"b"}');
  });

  test("passes the checklist that it is made for, and ends with a newline", async () => {
    const text = await pack({ signed: true, ttlMs: 60_000 });
    assert.equal(verdictOf(text, { policy: SIGNED }), "verified");
    assert.ok(text.endsWith("}\n"));
  });

  test("refuses a recipient that is none", async () => {
    await assert.rejects(pack({ recipients: [AGE_RECIPIENT, "age1nonsense"] }));
  });

  test("does not hold the plaintext", async () => {
    const payload = Buffer.from('{"KEY":"sk_alpha_plain"}');
    const text = await packArtifact({
      identity: "api",
      environment: "prod",
      payload,
      seal: ageSeal([AGE_RECIPIENT]),
      ttlMs: undefined,
      signer: SIGNER,
      nowMs: NOW,
    });
    assert.ok(!text.includes("sk_alpha_plain"));
    assert.ok(!text.includes(Buffer.from("sk_alpha_plain").toString("base64").slice(0, 12)));
  });
});

describe("revocationMarker", () => {
  test("may do without a revision", () => {
    const text = revocationMarker(
      { identity: "api", environment: "prod", revision: undefined },
      NOW,
    );
    assert.deepEqual(JSON.parse(text), {
      version: 1,
      identity: "api",
      environment: "prod",
      revokedAt: "2026-01-02T03:04:05.678Z",
    });
    assert.equal(verdictOf(text), "revoked");
  });

  test("names the revision where it is known", () => {
    const text = revocationMarker({ identity: "api", environment: "prod", revision: "7-x" }, NOW);
    assert.equal((JSON.parse(text) as Packed)["revision"], "7-x");
  });
});
