import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { awsClient } from "../../../src/kms/aws-client.ts";
import { parseKeyArn } from "../../../src/kms/aws-key.ts";
import { NO_AWS_FILES } from "../../support/aws-environment.ts";
import { reply } from "../../support/answer.ts";
import { coded } from "../../support/errors.ts";
import { installEnv } from "../../support/install-env.ts";
import { namesHere } from "../../support/names-here.ts";
import { kmsPartsHere } from "../../support/network.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "s3cret" };
const ARN = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd";

/** The host that a request goes to in this environment. */
async function hostAsked(
  t: TestContext,
  hosts: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const asked: string[] = [];
  const names = await namesHere(t, hosts, ({ host, response }) => {
    asked.push(host);
    reply(response, { status: 200, body: {} });
  });
  installEnv(t, { ...NO_AWS_FILES, ...KEYS, ...names.env, ...env });
  const key = parseKeyArn(ARN);
  assert.ok(key !== undefined);
  await awsClient(kmsPartsHere(AbortSignal.timeout(5_000)))({
    operation: "unwrap",
    key,
    body: "{}",
  });
  assert.equal(asked.length, 1);
  return asked[0] ?? "";
}

for (const [env, host] of [
  [{}, "kms.us-gov-west-1.amazonaws.com"],
  [{ AWS_USE_FIPS_ENDPOINT: "true" }, "kms-fips.us-gov-west-1.amazonaws.com"],
  [{ AWS_USE_DUALSTACK_ENDPOINT: "true" }, "kms.us-gov-west-1.api.aws"],
] as const) {
  test(`a request goes to ${host} with ${JSON.stringify(env)}`, async (t) => {
    const hosts = ["kms.us-gov-west-1.amazonaws.com", host];
    assert.equal(await hostAsked(t, hosts, env), host);
  });
}

test("an endpoint that is none is a failure of the KMS that names the variable", async (t) => {
  installEnv(t, { ...NO_AWS_FILES, ...KEYS, AWS_ENDPOINT_URL_KMS: "localhost:4566" });
  const key = parseKeyArn(ARN);
  assert.ok(key !== undefined);
  const asked = awsClient(kmsPartsHere(AbortSignal.timeout(5_000)))({
    operation: "unwrap",
    key,
    body: "{}",
  });
  await assert.rejects(asked, coded("kms_unwrap", /1234abcd: AWS_ENDPOINT_URL_KMS must be an/));
});
