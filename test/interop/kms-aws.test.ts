import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { clef } from "../support/cli.ts";
import { noMoto, startMoto } from "../support/moto.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const REGION = "eu-central-1";
const SECRETS = { app: { KEY: "value" } };

/** One action of AWS KMS, as moto has it; unsigned, since by itself moto checks nothing. */
async function kms(
  address: string,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(address, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=x/20261124/${REGION}/kms/aws4_request`,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `TrentService.${action}`,
    },
    body: JSON.stringify(parameters),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);
}

async function newKey(
  address: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { KeyMetadata } = await kms(address, "CreateKey", parameters);
  return (KeyMetadata as { readonly Arn: string }).Arn;
}

interface Account {
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly arn: string;
}

async function openAccount(t: TestContext): Promise<Account> {
  const address = await startMoto(t);
  const arn = await newKey(address);
  await kms(address, "CreateAlias", { AliasName: "alias/clef", TargetKeyId: arn });
  const env = {
    AWS_ENDPOINT_URL_KMS: address,
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "a-secret-that-moto-does-not-check",
    AWS_REGION: REGION,
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  };
  return { address, env, arn };
}

async function packed(t: TestContext, { env }: Account): Promise<string> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  const whom = ["--identity", "api", "--environment", "production"];
  const args = ["pack", ...whom, "--kms", "aws", "--kms-key", "alias/clef", "--out", file];
  const { code, stderr } = await clef(args, { stdin: JSON.stringify(SECRETS), env });
  assert.equal(code, 0, stderr);
  return file;
}

describe("AWS KMS as moto has it", { skip: noMoto }, () => {
  test("wraps by an alias, and unwraps by the ARN that the artifact has", async (t) => {
    const account = await openAccount(t);
    const file = await packed(t, account);
    const { envelope } = JSON.parse(await readFile(file, "utf8")) as {
      readonly envelope: Readonly<Record<string, string>>;
    };
    assert.equal(envelope["keyId"], account.arn);
    const agent = AgentProcess.start(t, { ...account.env, CLEF_AGENT_SOURCE: file });
    await agent.ready();
    assert.deepEqual(JSON.parse((await agent.get("/v1/secrets")).body), SECRETS);
  });

  test("reads a public key, and believes no signature over something else", async (t) => {
    const account = await openAccount(t);
    const arn = await newKey(account.address, {
      KeySpec: "ECC_NIST_P256",
      KeyUsage: "SIGN_VERIFY",
    });
    const whom = ["--identity", "api", "--environment", "production"];
    const keys = ["--kms", "aws", "--kms-key", "alias/clef", "--signing-kms-key", arn];
    const { code, stderr } = await clef(["pack", ...whom, ...keys], {
      stdin: JSON.stringify(SECRETS),
      env: account.env,
    });
    // Moto takes a digest for a message, and signs the digest of the digest.
    assert.equal(code, 1);
    assert.match(stderr, /signature does not fit its public key \[kms_failed\]/);
  });

  test("says when a key is of another kind or not there", async (t) => {
    const account = await openAccount(t);
    const { env } = account;
    const rsa = await newKey(account.address, { KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
    const whom = ["--identity", "api", "--environment", "production", "--kms", "aws"];
    const packWith = (...more: readonly string[]): ReturnType<typeof clef> =>
      clef(["pack", ...whom, ...more], { stdin: "{}", env });
    const unfit = await packWith("--kms-key", "alias/clef", "--signing-kms-key", rsa);
    assert.match(unfit.stderr, /ECC_NIST_P256.*\[kms_failed\]/);
    const missing = await packWith("--allow-empty", "--kms-key", "alias/absent");
    assert.match(missing.stderr, /no such key.*\[kms_failed\]/);
  });
});
