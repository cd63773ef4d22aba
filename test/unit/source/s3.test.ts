import assert from "node:assert/strict";
import { after, beforeEach, describe, test, type TestContext } from "node:test";
import { type AwsCredentials, CredentialChain } from "../../../src/aws/credentials.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import { s3Source } from "../../../src/source/s3.ts";
import type { Source } from "../../../src/source/source.ts";
import { awsEnvironment } from "../../support/aws-environment.ts";
import { coded } from "../../support/errors.ts";
import { failing, FakeS3 } from "../../support/fake-s3.ts";
import { listening } from "../../support/listening.ts";
import { DIRECT } from "../../support/network.ts";

const KEY = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret-alpha" };
const OTHER = { accessKeyId: "AKIDOTHER", secretAccessKey: "secret-beta" };
const request = { etag: undefined, signal: new AbortController().signal };
const BYTES = Buffer.from("{}");

interface Given {
  readonly s3: FakeS3;
  readonly source: Source;
}

/** A source of s3://artifacts/key, with what the chain gives one after the other. */
async function given(t: TestContext, ...found: readonly AwsCredentials[]): Promise<Given> {
  const s3 = new FakeS3();
  s3.keys.set(KEY.accessKeyId, KEY);
  s3.put("artifacts", "key", BYTES);
  process.env["AWS_ENDPOINT_URL_S3"] = `http://127.0.0.1:${await listening(t, s3.listener)}`;
  let chains = 0;
  const credentials = new CredentialChain(DIRECT, () => {
    const next = found[Math.min(chains++, found.length - 1)];
    return async () => {
      if (next === undefined) throw new Error("there are none");
      return next;
    };
  });
  const location = { bucket: "artifacts", key: "key", query: [], host: undefined };
  return {
    s3,
    source: await s3Source(location, { network: DIRECT, credentials, deadlineMs: 5_000 }),
  };
}

describe("an S3 source", () => {
  beforeEach(() => awsEnvironment({ AWS_REGION: "eu-west-1" }));
  after(() => awsEnvironment());

  test("says which object it is", async (t) => {
    const { source } = await given(t, KEY);
    assert.equal(source.description, "s3://artifacts/key");
  });

  test("follows the bucket to its region, and remembers it", async (t) => {
    const { s3, source } = await given(t, KEY);
    s3.region = "ap-south-1";
    s3.put("artifacts", "key", BYTES, { region: "ap-south-1" });
    assert.equal((await source.fetch(request)).kind, "bytes");
    assert.equal((await source.fetch(request)).kind, "bytes");
    assert.deepEqual(
      s3.seen.map(({ signed }) => signed),
      [false, true, true],
    );
  });

  test("says where the bucket is when it cannot follow", async (t) => {
    const { s3, source } = await given(t, KEY);
    s3.put("artifacts", "key", BYTES, { region: "ap-south-1" });
    await assert.rejects(
      source.fetch(request),
      coded("source_redirect", /the bucket is in ap-south-1, not in eu-west-1/),
    );
  });

  test("follows no redirect to another address", async (t) => {
    const { s3, source } = await given(t, KEY);
    let asked = 0;
    const elsewhere = await listening(t, (_, response) => {
      asked++;
      response.end("{}");
    });
    s3.behaviour = (response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/` }).end();
    await assert.rejects(source.fetch(request), coded("source_redirect"));
    assert.equal(asked, 0);
  });

  test("takes new credentials at once when those in hand are refused", async (t) => {
    const { s3, source } = await given(t, OTHER, KEY);
    assert.equal((await source.fetch(request)).kind, "bytes");
    assert.equal(s3.seen.length, 2);
  });

  test("asks no second time with the same credentials", async (t) => {
    const { s3, source } = await given(t, OTHER, OTHER);
    await assert.rejects(source.fetch(request), coded("source_unauthorized"));
    assert.equal(s3.seen.length, 1);
  });

  test("does not ask at all without credentials", async (t) => {
    const { s3, source } = await given(t);
    await assert.rejects(
      source.fetch(request),
      coded("source_unauthorized", /no AWS credentials were found; set AWS_ACCESS_KEY_ID/),
    );
    assert.equal(s3.seen.length, 0);
  });

  test("says how wrong the clock is", async (t) => {
    const { s3, source } = await given(t, KEY);
    s3.clockAheadMs = 3 * 3_600_000;
    await assert.rejects(
      source.fetch(request),
      coded("source_unauthorized", /the clock here is 180 minutes behind; set the clock/),
    );
  });

  test("names what its credentials come from", async (t) => {
    process.env["AWS_ACCESS_KEY_ID"] = OTHER.accessKeyId;
    const { source } = await given(t, { ...OTHER, accessKeyId: KEY.accessKeyId });
    await assert.rejects(
      source.fetch(request),
      coded("source_unauthorized", /secret key from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/),
    );
  });

  const REFUSALS: readonly (readonly [number, string, ErrorCode, RegExp])[] = [
    [404, "NoSuchKey", "source_not_found", /check it in CLEF_AGENT_SOURCE/],
    [404, "NoSuchVersion", "source_not_found", /check versionId in CLEF_AGENT_SOURCE/],
    [404, "NoSuchBucket", "source_not_found", /check CLEF_AGENT_SOURCE and AWS_ENDPOINT_URL_S3/],
    [403, "AccessDenied", "source_forbidden", /allow the role of this machine s3:GetObject/],
    [403, "InvalidObjectState", "source_forbidden", /archived/],
    [400, "KMS.DisabledException", "source_forbidden", /kms:Decrypt/],
    [400, "ExpiredToken", "source_unauthorized", /has expired; renew it/],
    [403, "InvalidAccessKeyId", "source_unauthorized", /access key .* is not known there/],
    [400, "InvalidToken", "source_unauthorized", /not valid/],
    [301, "PermanentRedirect", "source_redirect", /another region than eu-west-1; set AWS_REGION/],
    [503, "SlowDown", "source_rate_limited", /waiting/],
    [503, "ServiceUnavailable", "source_server_error", /waiting/],
    [500, "InternalError", "source_server_error", /waiting/],
    [400, "InvalidRequest", "source_unexpected_answer", /does not accept the request/],
  ];
  for (const [status, s3Code, code, advice] of REFUSALS) {
    test(`tells of ${s3Code} as ${code}`, async (t) => {
      const { s3, source } = await given(t, KEY);
      s3.behaviour = failing(status, s3Code);
      await assert.rejects(source.fetch(request), (error: Error) => {
        coded(code, advice)(error);
        assert.match(error.message, new RegExp(`/artifacts/key answered ${status} ${s3Code}; `));
        return true;
      });
    });
  }

  for (const [status, code] of [
    [304, "source_unexpected_answer"],
    [401, "source_unauthorized"],
    [403, "source_forbidden"],
    [404, "source_not_found"],
    [410, "source_not_found"],
    [418, "source_unexpected_answer"],
    [429, "source_rate_limited"],
    [502, "source_server_error"],
  ] as const) {
    test(`tells of ${status} without an error document as ${code}`, async (t) => {
      const { s3, source } = await given(t, KEY);
      s3.behaviour = (response) => response.writeHead(status).end();
      await assert.rejects(source.fetch(request), coded(code));
    });
  }

  test("believes no region that is more than a name", async (t) => {
    const { s3, source } = await given(t, KEY);
    s3.behaviour = (response) => {
      response.writeHead(301, { "x-amz-bucket-region": "evil.example/" }).end();
    };
    await assert.rejects(source.fetch(request), coded("source_redirect", /check the address/));
    assert.equal(s3.seen.length, 1);
  });
});
