import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { kmsSeal } from "../../src/kms/envelope.ts";
import { createDecrypt, type Decrypt } from "../../src/decrypt/decrypt.ts";
import { kmsOpener } from "../../src/kms/open.ts";
import { altered, pack, SIGNER } from "../support/artifacts.ts";
import { ageWith } from "../support/decrypting.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { resigned } from "../support/signed.ts";
import { SIGNED, verdictOf, verified } from "../support/verified.ts";
import { kmsPartsHere } from "../support/network.ts";

const FIELDS = ["provider", "keyId", "wrappedKey", "algorithm", "iv", "authTag"] as const;

type Envelope = Readonly<Record<(typeof FIELDS)[number], string>>;

for (const [name, start] of [
  ["AWS KMS", (t) => FakeAwsKms.start(t)],
  ["GCP Cloud KMS", (t) => FakeGcpKms.start(t)],
  ["Azure Key Vault", (t) => FakeAzureKms.start(t)],
] as const satisfies [string, (t: { after: (fn: () => void) => void }) => Promise<FakeKms>][]) {
  test(`any payload sealed with ${name} comes back as it was`, async (t) => {
    const fake = await start(t);
    fake.install();
    const open = kmsOpener(kmsPartsHere());
    const kms = await open(fake.provider);
    const decrypt = createDecrypt(ageWith(), open);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 3_000 }), async (value) => {
        const payload = JSON.stringify({ value });
        const artifact = await pack({ payload, seal: kmsSeal(kms, fake.keyName), signed: true });
        const plaintext = await decrypt(verified(artifact, { policy: SIGNED }));
        assert.equal(plaintext.toString(), payload);
      }),
      { numRuns: 25 },
    );
  });

  test(`no change of any bit in an envelope of ${name} opens, signed or not`, async (t) => {
    const fake = await start(t);
    fake.install();
    const open = kmsOpener(kmsPartsHere());
    const kms = await open(fake.provider);
    const decrypt = createDecrypt(ageWith(), open);
    const artifact = await pack({ seal: kmsSeal(kms, fake.keyName), signed: true });
    const { envelope } = JSON.parse(artifact) as { readonly envelope: Envelope };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FIELDS), fc.nat(), fc.nat(6), async (field, at, bit) => {
        const text = Buffer.from(envelope[field]);
        const index = at % text.length;
        text[index] = (text[index] ?? 0) ^ (1 << bit);
        const changed = altered(artifact, { envelope: { ...envelope, [field]: text.toString() } });
        // With a verify key the signature catches it, before any KMS is asked.
        const asked = fake.requests;
        assert.notEqual(verdictOf(changed, { policy: SIGNED }), "verified");
        assert.equal(fake.requests, asked);
        // Even signed by the right hand, or by nobody, it opens nothing.
        await assertOpensNothing(changed, decrypt);
      }),
      { numRuns: 60 },
    );
  });
}

async function assertOpensNothing(changed: string, decrypt: Decrypt): Promise<void> {
  if (verdictOf(changed) !== "verified") return;
  const again = verified(await resigned(changed, {}, SIGNER), { policy: SIGNED });
  await assert.rejects(decrypt(again), (error: { code?: string }) => {
    assert.ok(error.code === "kms_unwrap" || error.code === "decrypt", `${error.code}`);
    return true;
  });
}
