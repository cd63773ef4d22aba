import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test, type TestContext } from "node:test";
import { kmsOpener } from "../../src/kms/open.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { kmsPartsHere } from "../support/network.ts";
import { kmsContract } from "./kms.contract.ts";

kmsContract({
  name: "AWS KMS",
  permissions: { unwrap: /kms:Decrypt/, wrap: /kms:Encrypt/ },
  saysHowLong: false,
  badKeyIds: [
    "alias/",
    "key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "alias/clef:key/1234abcd",
    "arn:aws:kms:eu-central-1:111122223333:alias/",
    "arn:aws:kms:evil.example.com/:111122223333:alias/clef",
    "arn:aws:s3:eu-central-1:111122223333:key/1234abcd",
    "arn:aws:kms:evil.example.com/:111122223333:key/1234abcd",
    "arn:aws:kms:evil.example:111122223333:key/1234abcd",
    "arn:aws:kms::111122223333:key/1234abcd",
    "arn:aws:kms:eu-central-1:1:key/1234abcd",
    "arn:aws:kms:eu-central-1:111122223333:key/",
    "arn:aws-evil:kms:eu-central-1:111122223333:key/1234abcd",
    "https://kms.eu-central-1.amazonaws.com/",
  ],
  start: (context) => FakeAwsKms.start(context),
});

const RING = "projects/p/locations/global/keyRings/r/cryptoKeys";
kmsContract({
  name: "GCP Cloud KMS",
  permissions: {
    unwrap: /cloudkms\.cryptoKeyVersions\.useToDecrypt/,
    wrap: /cloudkms\.cryptoKeyVersions\.useToEncrypt/,
  },
  saysHowLong: true,
  badKeyIds: [
    "//cloudkms.googleapis.com/projects/p/locations/global/keyRings/r/cryptoKeys/k",
    `/${RING}/k`,
    `${RING}/k/cryptoKeyVersions/1`,
    `${RING}/..`,
    `${RING}/k:encrypt?`,
    `${RING}/k#`,
    `${RING}/k%2f..`,
    "projects/../locations/global/keyRings/r/cryptoKeys/k",
    "projects/p@evil.example/locations/global/keyRings/r/cryptoKeys/k",
    `https://evil.example/v1/${RING}/k`,
  ],
  start: (context) => FakeGcpKms.start(context),
});

const VERSION = "0123456789abcdef0123456789abcdef";
kmsContract({
  name: "Azure Key Vault",
  permissions: { unwrap: /keys\/unwrapKey.*Key Vault Crypto User/, wrap: /keys\/wrapKey/ },
  saysHowLong: true,
  badKeyIds: [
    `http://clef-test.vault.azure.net/keys/k/${VERSION}`,
    `https://vault.azure.net/keys/k/${VERSION}`,
    `https://evil.example/keys/k/${VERSION}`,
    `https://clef-test.vault.azure.net.evil.example/keys/k/${VERSION}`,
    `https://evil.example/clef-test.vault.azure.net/keys/k/${VERSION}`,
    `https://clef-test.vault.azure.net@evil.example/keys/k/${VERSION}`,
    `https://evil.example#.vault.azure.net/keys/k/${VERSION}`,
    `https://evil.example?.vault.azure.net/keys/k/${VERSION}`,
    `https://evil.example\\.vault.azure.net/keys/k/${VERSION}`,
    `https://a.b.vault.azure.net/keys/k/${VERSION}`,
    `https://clef-test.evilvault.azure.net/keys/k/${VERSION}`,
    `https://clef-test.vault.azure.net:8443/keys/k/${VERSION}`,
    `https://clef-test.vault.azure.net/secrets/k/${VERSION}`,
    `https://clef-test.vault.azure.net/keys/../secrets/k`,
    `https://clef-test.vault.azure.net/keys/k/${VERSION}?x=1`,
    `https://clef-test.vault.azure.net/keys/k/${VERSION}/`,
    `https://Clef-test.vault.azure.net/keys/k/${VERSION}`,
    "clef-test.vault.azure.net/keys/k",
  ],
  start: (context) => FakeAzureKms.start(context),
});

for (const [name, start] of [
  ["GCP Cloud KMS", (t: TestContext) => FakeGcpKms.start(t, "metadata")],
  ["Azure Key Vault", (t: TestContext) => FakeAzureKms.start(t)],
] as const) {
  test(`${name}: a token that many requests find to have expired is fetched anew once`, async (t) => {
    const fake = await start(t);
    fake.install();
    const kms = await kmsOpener(kmsPartsHere())(fake.provider);
    const dataKey = randomBytes(32);
    const { wrappedKey } = await kms.wrap(fake.keyName, dataKey);
    const before = fake.tokensGiven;
    fake.expireTokens();
    const keys = await Promise.all(
      Array.from({ length: 16 }, () => kms.unwrap(fake.keyId, wrappedKey)),
    );
    assert.ok(keys.every((key) => key.equals(dataKey)));
    assert.equal(fake.tokensGiven - before, 1);
  });
}
