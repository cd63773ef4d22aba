import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { noMoto, startMoto } from "../support/moto.ts";
import { type Key, s3ServiceOrigin } from "../support/s3-service.ts";
import { type Origin, sourceContract } from "../contract/source.contract.ts";

/** The services of AWS in Python, with permissions and signatures checked (by AWS's own botocore). */
interface Account {
  readonly address: string;
  readonly owner: Key;
  readonly stranger: Key;
}

async function openAccount(): Promise<Account> {
  // So many actions without permission, to make users with; until it is told otherwise.
  const address = await startMoto({ after }, { INITIAL_NO_AUTH_ACTION_COUNT: "100000" });
  const owner = await newKey(address, "owner");
  const stranger = await newKey(address, "stranger");
  await iam(address, {
    Action: "PutUserPolicy",
    UserName: "owner",
    PolicyName: "artifacts",
    PolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
    }),
  });
  const strict = await fetch(`${address}/moto-api/reset-auth`, { method: "POST", body: "0" });
  assert.equal(strict.status, 200);
  return { address, owner, stranger };
}

async function newKey(address: string, user: string): Promise<Key> {
  await iam(address, { Action: "CreateUser", UserName: user });
  const text = await iam(address, { Action: "CreateAccessKey", UserName: user });
  const element = (name: string): string =>
    new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? assert.fail(text);
  return { accessKeyId: element("AccessKeyId"), secretAccessKey: element("SecretAccessKey") };
}

async function iam(address: string, action: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(address, {
    method: "POST",
    headers: {
      // By which moto knows the service that is meant.
      authorization: "AWS4-HMAC-SHA256 Credential=x/20261124/us-east-1/iam/aws4_request",
    },
    body: new URLSearchParams({ Version: "2010-05-08", ...action }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

if (noMoto === false) {
  const account = await openAccount();
  let buckets = 0;
  const open = (): Promise<Origin> =>
    s3ServiceOrigin({ ...account, bucket: `artifacts-${++buckets}` });
  sourceContract({ name: "S3 (moto)", type: "s3", open });
} else {
  describe("the S3 (moto) source", () => {
    test("keeps the contract of all sources", { skip: noMoto }, () => undefined);
  });
}
