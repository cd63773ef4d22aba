import assert from "node:assert/strict";
import { test } from "node:test";
import { awsKmsEndpoint, locateKey, parseKeyArn } from "../../../src/kms/aws-key.ts";
import { coded } from "../../support/errors.ts";
import { installEnv } from "../../support/install-env.ts";

const PLAIN = { fips: false, dualStack: false };
const NO_FILES = { AWS_CONFIG_FILE: "/nonexistent", AWS_SHARED_CREDENTIALS_FILE: "/nonexistent" };

test("a key's ARN says to which host its requests go, in every partition", () => {
  for (const [partition, region, host] of [
    ["aws", "eu-central-1", "kms.eu-central-1.amazonaws.com"],
    ["aws", "ap-southeast-12", "kms.ap-southeast-12.amazonaws.com"],
    ["aws-us-gov", "us-gov-west-1", "kms.us-gov-west-1.amazonaws.com"],
    ["aws-cn", "cn-north-1", "kms.cn-north-1.amazonaws.com.cn"],
    ["aws-iso-b", "us-isob-east-1", "kms.us-isob-east-1.sc2s.sgov.gov"],
    ["aws-eusc", "eusc-de-east-1", "kms.eusc-de-east-1.amazonaws.eu"],
  ] as const) {
    const key = parseKeyArn(`arn:${partition}:kms:${region}:111122223333:key/mrk-1234abcd`);
    assert.equal(key?.region, region);
    assert.equal(awsKmsEndpoint(key, PLAIN).href, `https://${host}/`);
  }
});

test("hosts for FIPS and IPv6 are used where they are asked for", () => {
  const gov = parseKeyArn("arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd");
  const china = parseKeyArn("arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd");
  assert.ok(gov !== undefined && china !== undefined);
  for (const [key, variants, host] of [
    [gov, { fips: true, dualStack: false }, "kms-fips.us-gov-west-1.amazonaws.com"],
    [gov, { fips: false, dualStack: true }, "kms.us-gov-west-1.api.aws"],
    [gov, { fips: true, dualStack: true }, "kms-fips.us-gov-west-1.api.aws"],
    [china, { fips: false, dualStack: true }, "kms.cn-north-1.api.amazonwebservices.com.cn"],
  ] as const) {
    assert.equal(awsKmsEndpoint(key, variants).host, host);
  }
});

test("a person may give an ARN of a key or an alias, or a bare name in the configured region", async (t) => {
  installEnv(t, { ...NO_FILES, AWS_REGION: "us-east-2" });
  const alias = "arn:aws:kms:eu-west-1:111122223333:alias/team/clef";
  assert.equal((await locateKey("wrap", alias)).region, "eu-west-1");
  assert.equal((await locateKey("wrap", "alias/team/clef")).region, "us-east-2");
  const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
  assert.deepEqual(await locateKey("wrap", id), {
    name: id,
    region: "us-east-2",
    partition: "aws",
  });
});

test("a bare name in China goes to China's partition", async (t) => {
  installEnv(t, { ...NO_FILES, AWS_REGION: "cn-north-1" });
  const key = await locateKey("wrap", "alias/clef");
  assert.equal(awsKmsEndpoint(key, PLAIN).host, "kms.cn-north-1.amazonaws.com.cn");
});

test("without a region, or with one that is none, it says which variable to set", async (t) => {
  for (const region of ["", "evil.example.com/", "eu-central-1.evil"]) {
    installEnv(t, { ...NO_FILES, AWS_REGION: region, AWS_DEFAULT_REGION: "" });
    await assert.rejects(locateKey("wrap", "alias/clef"), coded("kms_failed", /AWS_REGION/));
  }
});

test("what is no name of a key is refused", async () => {
  for (const name of ["", "alias/", "a b", "key/1234", "https://x/", "arn:aws:kms:x:1:key/1"]) {
    await assert.rejects(locateKey("sign", name), coded("kms_failed", /nothing was sent/), name);
  }
});
