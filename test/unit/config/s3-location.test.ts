import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseS3Uri, parseS3Url } from "../../../src/config/s3-location.ts";

const urlOf = (text: string): ReturnType<typeof parseS3Url> => parseS3Url(new URL(text));

describe("an s3:// address", () => {
  for (const [text, bucket, key] of [
    ["s3://my-bucket/a/b.json", "my-bucket", "a/b.json"],
    ["S3://my.bucket/k", "my.bucket", "k"],
    ["s3://b-1/a b+c%20d?e#f/é", "b-1", "a b+c%20d?e#f/é"],
    ["s3://bucket//twice//", "bucket", "/twice//"],
    ["s3://Old_Bucket/k", "Old_Bucket", "k"],
  ] as const) {
    test(`${text} takes the key as it is written`, () => {
      assert.deepEqual(parseS3Uri(text), { bucket, key, query: [], host: undefined });
    });
  }

  test("may name a version", () => {
    const { key, query } = parseS3Uri("s3://bucket/a.json?versionId=3/L4kq");
    assert.equal(key, "a.json");
    assert.deepEqual(query, [["versionId", "3/L4kq"]]);
  });

  for (const text of ["s3://", "s3://b", "s3://bucket", "s3://bucket/", "s3:///k", "s3://a b/k"]) {
    test(`${text} is refused`, () => {
      assert.throws(() => parseS3Uri(text), /not of the form s3:\/\/bucket\/key/);
    });
  }

  for (const text of ["s3://bucket/a/../b", "s3://bucket/.", "s3://bucket/./a"]) {
    test(`${text} is refused, as HTTP would make another key of it`, () => {
      assert.throws(() => parseS3Uri(text), /segment \. or \.\./);
    });
  }
});

describe("an https:// address of an object in S3", () => {
  const KEY = "packed/api/prod.age.json";
  for (const [host, style, service, region, suffix] of [
    ["my-bucket.s3.eu-west-1.amazonaws.com", "virtual", "s3", "eu-west-1", "amazonaws.com"],
    ["s3.eu-west-1.amazonaws.com", "path", "s3", "eu-west-1", "amazonaws.com"],
    [
      "my-bucket.s3.dualstack.eu-west-1.amazonaws.com",
      "virtual",
      "s3.dualstack",
      "eu-west-1",
      "amazonaws.com",
    ],
    ["s3.dualstack.us-west-2.amazonaws.com", "path", "s3.dualstack", "us-west-2", "amazonaws.com"],
    [
      "my-bucket.s3-fips.us-gov-west-1.amazonaws.com",
      "virtual",
      "s3-fips",
      "us-gov-west-1",
      "amazonaws.com",
    ],
    [
      "s3-fips.dualstack.us-east-1.amazonaws.com",
      "path",
      "s3-fips.dualstack",
      "us-east-1",
      "amazonaws.com",
    ],
    ["my-bucket.s3.cn-north-1.amazonaws.com.cn", "virtual", "s3", "cn-north-1", "amazonaws.com.cn"],
    ["s3.cn-northwest-1.amazonaws.com.cn", "path", "s3", "cn-northwest-1", "amazonaws.com.cn"],
    ["my-bucket.s3.eusc-de-east-1.amazonaws.eu", "virtual", "s3", "eusc-de-east-1", "amazonaws.eu"],
    ["my-bucket.s3.amazonaws.com", "virtual", "s3", undefined, "amazonaws.com"],
    ["s3.amazonaws.com", "path", "s3", undefined, "amazonaws.com"],
    [
      "my-bucket.s3-ap-southeast-2.amazonaws.com",
      "virtual",
      "s3",
      "ap-southeast-2",
      "amazonaws.com",
    ],
    ["s3-us-west-2.amazonaws.com", "path", "s3", "us-west-2", "amazonaws.com"],
    ["my.dotted.bucket.s3.eu-west-1.amazonaws.com", "virtual", "s3", "eu-west-1", "amazonaws.com"],
  ] as const) {
    test(`is known by the host ${host}`, () => {
      const bucket = host.startsWith("my.dotted") ? "my.dotted.bucket" : "my-bucket";
      const path = style === "path" ? `/${bucket}/${KEY}` : `/${KEY}`;
      assert.deepEqual(urlOf(`https://${host}${path}`), {
        bucket,
        key: KEY,
        query: [],
        host: { kind: "regional", style, service, region, suffix },
      });
    });
  }

  for (const [host, region] of [
    ["my-bucket.s3-accelerate.amazonaws.com", undefined],
    ["my-bucket.s3-accelerate.dualstack.amazonaws.com", undefined],
    ["my-bucket.s3-accesspoint.eu-west-1.amazonaws.com", "eu-west-1"],
    ["my-bucket.bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", "us-east-1"],
  ] as const) {
    test(`keeps the host ${host} as it is`, () => {
      const location = urlOf(`https://${host}/k`);
      assert.equal(location?.bucket, "my-bucket");
      assert.deepEqual(location.host, { kind: "fixed", style: "virtual", host, region });
    });
  }

  test("may be a path on the interface endpoint of a VPC", () => {
    const host = "bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com";
    const location = urlOf(`https://${host}/my-bucket/a/k`);
    assert.equal(location?.bucket, "my-bucket");
    assert.equal(location.key, "a/k");
    assert.deepEqual(location.host, { kind: "fixed", style: "path", host, region: "us-east-1" });
  });

  test("writes the key percent-encoded, a plus sign being a space", () => {
    const location = urlOf("https://my-bucket.s3.eu-west-1.amazonaws.com/a+b%20c%2Bd/%C3%A9");
    assert.equal(location?.key, "a b c+d/é");
  });

  test("keeps its query", () => {
    const location = urlOf("https://my-bucket.s3.eu-west-1.amazonaws.com/k?versionId=a%2Bb");
    assert.deepEqual(location?.query, [["versionId", "a+b"]]);
  });

  for (const text of [
    "https://example.com/bucket/key",
    "https://minio.example.com:9000/bucket/key",
    "http://my-bucket.s3.eu-west-1.amazonaws.com/k",
    "https://my-bucket.s3-website-eu-west-1.amazonaws.com/k",
    "https://my-bucket.s3-website.eu-west-1.amazonaws.com/k",
    "https://my-bucket.s3.eu-west-1.amazonaws.com.evil.example/k",
    "https://my-bucket.s3.eu-west-1.amazonaws.com:8443/k",
    "https://user:pw@my-bucket.s3.eu-west-1.amazonaws.com/k",
    "https://my-buckets3.eu-west-1.amazonaws.com/k",
    "https://my-bucket.s3.eu-west-1.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00",
    "https://my-bucket.s3.amazonaws.com/k?AWSAccessKeyId=A&Expires=1&Signature=x",
  ]) {
    test(`is not ${text}, which is fetched as it is`, () => {
      assert.equal(urlOf(text), undefined);
    });
  }

  for (const text of [
    "https://my-bucket.s3.eu-west-1.amazonaws.com/",
    "https://s3.eu-west-1.amazonaws.com/my-bucket",
    "https://s3.eu-west-1.amazonaws.com/my-bucket/",
    "https://s3.amazonaws.com/",
  ]) {
    test(`is not ${text}, which names no object`, () => {
      assert.throws(() => urlOf(text), /names no object in a bucket/);
    });
  }

  test("is not one that is badly encoded", () => {
    assert.throws(() => urlOf("https://b-1.s3.eu-west-1.amazonaws.com/%zz"), /percent-encoding/);
  });
});
