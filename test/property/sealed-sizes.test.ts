import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { readAgeFile } from "../../src/artifact/age-file.ts";
import { generateAgeKey } from "../../src/keys/age-recipients.ts";
import { kmsSeal, openEnvelope } from "../../src/kms/envelope.ts";
import { kmsOpener } from "../../src/kms/open.ts";
import { ageSeal } from "../../src/seal/age-seal.ts";
import { ageWith } from "../support/decrypting.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { kmsPartsHere } from "../support/network.ts";
import { hybridTagRecipient, tagRecipient } from "../support/tag-recipients.ts";

const LARGEST = 200_000;
/** Where buffers change hands: powers of two, Node's pool of 8 KiB and its half, the chunks of age. */
const EDGES = [...Array.from({ length: 18 }, (_, power) => 2 ** power), 65_536, 131_072, LARGEST];
const sizes = fc.oneof(
  fc.nat(LARGEST),
  fc
    .tuple(fc.constantFrom(...EDGES), fc.integer({ min: -33, max: 33 }))
    .map(([edge, more]) => Math.min(LARGEST, Math.max(0, edge + more))),
);

/** Like secrets: text that repeats itself, or random bytes. */
const payloads = fc.tuple(sizes, fc.boolean()).map(([size, random]) => {
  const payload = Buffer.alloc(size, '{"DB_URL":"postgres://user:hunter2@db/app"}');
  return random ? randomFillSync(payload) : payload;
});

const [x25519, second] = [
  await generateAgeKey("x25519", new Date()),
  await generateAgeKey("x25519", new Date()),
];
const hybrid = await generateAgeKey("hybrid", new Date());

/** Keys on hardware open nothing here: what is sealed for them too opens for the others. */
const onHardware = [tagRecipient(), hybridTagRecipient()];

for (const [what, keys, others, numRuns] of [
  ["one recipient", [x25519], [], 40],
  ["several recipients", [x25519, second], [], 10],
  ["a post-quantum recipient", [hybrid], [], 10],
  ["recipients of both kinds", [second, hybrid], [], 10],
  ["recipients on hardware too", [x25519], onHardware, 10],
] as const) {
  test(`payloads of 0 to 200 KB that are sealed for ${what} come back whole`, async () => {
    const seal = ageSeal([...others, ...keys.map(({ recipient }) => recipient)]);
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const { ciphertext } = await seal(payload);
        for (const { file } of keys) {
          const plaintext = await ageWith(file)(ciphertext);
          assert.ok(plaintext.equals(payload), `${payload.length} bytes`);
        }
      }),
      { numRuns },
    );
  });
}

for (const [provider, Fake] of [
  ["AWS", FakeAwsKms],
  ["GCP", FakeGcpKms],
  ["Azure", FakeAzureKms],
] as const) {
  test(`payloads of 0 to 200 KB that are sealed under a key of ${provider} come back whole`, async (t) => {
    const fake = await Fake.start(t);
    fake.install();
    const open = kmsOpener(kmsPartsHere());
    const seal = kmsSeal(await open(fake.provider), fake.keyName);
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const { ciphertext, envelope } = await seal(payload);
        assert.ok(envelope !== undefined && ciphertext.length === payload.length);
        const plaintext = await openEnvelope(open, envelope, ciphertext);
        assert.ok(plaintext.equals(payload), `${payload.length} bytes`);
      }),
      { numRuns: 10 },
    );
  });
}

test("payloads of 0 to 200 KB are sealed for recipients on hardware alone", async () => {
  for (const recipient of onHardware) {
    const seal = ageSeal([recipient]);
    await fc.assert(
      fc.asyncProperty(payloads, async (payload) => {
        const { ciphertext } = await seal(payload);
        assert.equal(readAgeFile(ciphertext)?.plaintextLength, payload.length);
      }),
      { numRuns: 5 },
    );
  }
});
