import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { presigned, verifySignature } from "../../support/sigv4.ts";

/** Examples from the Amazon S3 API Reference, so that the checker is not of our making alone. */
const KEY = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const NOW = Date.parse("2013-05-24T00:00:00Z");
const EXPECTED = {
  service: "s3",
  region: "us-east-1",
  keys: { [KEY.accessKeyId]: KEY },
  nowMs: NOW,
} as const;
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

function getObject(signature: string): Parameters<typeof verifySignature>[0] {
  return {
    method: "GET",
    target: "/test.txt",
    headers: {
      host: "examplebucket.s3.amazonaws.com",
      range: "bytes=0-9",
      "x-amz-content-sha256": EMPTY,
      "x-amz-date": "20130524T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${KEY.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
    },
    body: Buffer.alloc(0),
  };
}

describe("the tests' own checker of signatures", () => {
  const GOOD = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

  test("accepts the example of a GET from the S3 reference", () => {
    assert.equal(verifySignature(getObject(GOOD), EXPECTED).kind, "signed");
  });

  test("refuses it when one digit is another", () => {
    const verdict = verifySignature(getObject(`a${GOOD.slice(1)}`), EXPECTED);
    assert.deepEqual(verdict, { kind: "refused", why: "signature_wrong" });
  });

  test("presigns the example of the S3 reference, and accepts it until it expires", () => {
    const url = presigned(new URL("https://examplebucket.s3.amazonaws.com/test.txt"), KEY, {
      region: "us-east-1",
      nowMs: NOW,
      expiresSeconds: 86_400,
    });
    assert.equal(
      url.searchParams.get("X-Amz-Signature"),
      "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
    const request = {
      method: "GET",
      target: `${url.pathname}${url.search}`,
      headers: { host: url.host },
      body: Buffer.alloc(0),
    };
    assert.equal(verifySignature(request, EXPECTED).kind, "signed");
    const late = { ...EXPECTED, nowMs: NOW + 86_401_000 };
    assert.deepEqual(verifySignature(request, late), { kind: "refused", why: "expired" });
  });
});
