import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { awsSigner } from "../../../src/kms/aws-signer.ts";
import type { AwsClient } from "../../../src/kms/aws-client.ts";
import { parseVerifyKeys } from "../../../src/keys/verify-keys.ts";
import { altered, pack } from "../../support/artifacts.ts";
import { coded } from "../../support/errors.ts";
import { FakeAwsKms } from "../../support/kms/aws.ts";
import { resigned } from "../../support/signed.ts";
import { ANYONE, verdictOf } from "../../support/verified.ts";
import { kmsPartsHere } from "../../support/network.ts";

describe("signing with AWS KMS", () => {
  test("gives a signature that an agent accepts with the key's public half", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    const signer = await awsSigner(fake.signingKeyId, kmsPartsHere());
    const artifact = await resigned(await pack(), {}, signer);
    assert.equal(
      (JSON.parse(artifact) as Record<string, unknown>)["signatureAlgorithm"],
      "ECDSA_SHA256",
    );
    const policy = { ...ANYONE, verifyKeys: parseVerifyKeys(fake.verifyKey) };
    assert.equal(verdictOf(artifact, { policy }), "verified");
    assert.equal(
      verdictOf(altered(artifact, { revision: "1-00000000" }), { policy }),
      "signature_invalid",
    );
  });

  test("signs what is longer than KMS would take", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    const signer = await awsSigner(fake.signingKeyId, kmsPartsHere());
    assert.ok((await signer.sign(Buffer.alloc(100_000, "x"))).length > 60);
  });

  test("takes no key of another kind", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    await assert.rejects(
      awsSigner(fake.rsaKeyId, kmsPartsHere()),
      coded("kms_failed", /ECC_NIST_P256/),
    );
    await assert.rejects(
      awsSigner(fake.keyId, kmsPartsHere()),
      coded("kms_failed", /ECC_NIST_P256/),
    );
  });

  test("says which permission is missing", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    const signer = await awsSigner(fake.signingKeyId, kmsPartsHere());
    fake.takeAway();
    await assert.rejects(signer.sign(Buffer.from("x")), coded("kms_failed", /kms:Sign/));
    const reading = awsSigner(fake.signingKeyId, kmsPartsHere());
    await assert.rejects(reading, coded("kms_failed", /kms:GetPublicKey/));
  });

  test("passes on no signature that does not fit", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    const signer = await awsSigner(fake.signingKeyId, kmsPartsHere());
    for (const fault of ["damage", "garbage"] as const) {
      fake.next(fault);
      await assert.rejects(signer.sign(Buffer.from("x")), coded("kms_failed", /does not fit/));
    }
  });

  test("believes no public key that is none", async () => {
    for (const PublicKey of ["", "*", 1, undefined]) {
      const answer = { KeyUsage: "SIGN_VERIFY", PublicKey };
      const ask: AwsClient = async () => Buffer.from(JSON.stringify(answer));
      const name = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";
      await assert.rejects(awsSigner(name, kmsPartsHere(), ask), coded("kms_failed", /public key/));
    }
  });
});
