import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test, type TestContext } from "node:test";
import { awsKms } from "../../../src/kms/aws.ts";
import type { Kms } from "../../../src/kms/kms.ts";
import { coded } from "../../support/errors.ts";
import { installEnv } from "../../support/install-env.ts";
import { FakeAwsKms } from "../../support/kms/aws.ts";
import { kmsPartsHere } from "../../support/network.ts";

const ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ARN = `arn:aws:kms:eu-central-1:111122223333:key/${ID}`;
const ALIAS_ARN = "arn:aws:kms:eu-central-1:111122223333:alias/clef";
const NAMES = [ARN, ALIAS_ARN, "alias/clef", ID] as const;

/** Keys that answer in the place of the one that was asked for. */
const OTHER_KEY = ARN.replace("1234abcd", "99999999");
const OTHER_ACCOUNT = ARN.replace("111122223333", "999999999999");
const OTHER_REGION = ARN.replace("eu-central-1", "us-east-1");
const OTHER_PARTITION = ARN.replace("arn:aws:", "arn:aws-us-gov:");

async function opened(t: TestContext, region = "eu-central-1"): Promise<[FakeAwsKms, Kms]> {
  const fake = await FakeAwsKms.start(t);
  fake.install();
  installEnv(t, { AWS_REGION: region, AWS_DEFAULT_REGION: "" });
  return [fake, awsKms(kmsPartsHere())];
}

describe("a key of AWS KMS", () => {
  for (const name of NAMES) {
    test(`unwraps under the name ${name}, and is written by its ARN`, async (t) => {
      const [, kms] = await opened(t);
      const dataKey = randomBytes(32);
      const { keyId, wrappedKey } = await kms.wrap(name, dataKey);
      assert.equal(keyId, ARN);
      assert.ok((await kms.unwrap(name, wrappedKey)).equals(dataKey));
    });
  }

  for (const [name, others] of [
    [ARN, [OTHER_KEY, OTHER_ACCOUNT, OTHER_REGION, OTHER_PARTITION, ALIAS_ARN, ID]],
    [ALIAS_ARN, [OTHER_ACCOUNT, OTHER_REGION, OTHER_PARTITION, ALIAS_ARN, "alias/clef", ID]],
    ["alias/clef", [OTHER_REGION, ALIAS_ARN, "alias/clef", ID]],
    [ID, [OTHER_KEY, OTHER_REGION, ALIAS_ARN, ID]],
  ] as const) {
    test(`is not believed under the name ${name} when the answer names another`, async (t) => {
      const [fake, kms] = await opened(t);
      const { wrappedKey } = await kms.wrap(name, randomBytes(32));
      for (const other of others) {
        fake.misnames = other;
        await assert.rejects(kms.unwrap(name, wrappedKey), coded("kms_unwrap", /names another/));
        const wrapped = kms.wrap(name, randomBytes(32));
        await assert.rejects(wrapped, coded("kms_failed", /or not the ARN of the key/), other);
      }
    });
  }

  test("may be any key of the account and region that an alias leads to", async (t) => {
    const [fake, kms] = await opened(t);
    const { wrappedKey } = await kms.wrap(ARN, randomBytes(32));
    fake.misnames = OTHER_KEY;
    await kms.unwrap(ALIAS_ARN, wrappedKey);
    await kms.unwrap("alias/clef", wrappedKey);
  });

  test("is asked for in the region of its alias's ARN, whatever region is configured", async (t) => {
    const [, kms] = await opened(t, "us-east-1");
    const dataKey = randomBytes(32);
    const { wrappedKey } = await kms.wrap(ARN, dataKey);
    assert.ok((await kms.unwrap(ALIAS_ARN, wrappedKey)).equals(dataKey));
  });

  test("with a bare name and no region is asked for nowhere, and the message says what to set", async (t) => {
    const [fake, kms] = await opened(t, "");
    for (const name of ["alias/clef", ID]) {
      const unwrapped = kms.unwrap(name, randomBytes(64));
      await assert.rejects(
        unwrapped,
        coded("kms_unwrap", /no region in that name; set AWS_REGION/),
      );
    }
    assert.equal(fake.requests, 0);
  });
});
