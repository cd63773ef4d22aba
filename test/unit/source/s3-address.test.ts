import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { parseS3Uri, parseS3Url } from "../../../src/config/s3-location.ts";
import { resolveS3Address, type S3Address } from "../../../src/source/s3-address.ts";
import { awsEnvironment } from "../../support/aws-environment.ts";

type Env = Readonly<Record<string, string>>;

function addressOf(text: string, env: Env = {}): Promise<S3Address> {
  awsEnvironment(env);
  const location = text.startsWith("s3:") ? parseS3Uri(text) : parseS3Url(new URL(text));
  assert.ok(location !== undefined);
  return resolveS3Address(location);
}

describe("the address of an object", () => {
  after(() => awsEnvironment());

  for (const [text, env, href] of [
    ["s3://b-1/k", {}, "https://b-1.s3.us-east-1.amazonaws.com/k"],
    ["s3://b-1/k", { AWS_REGION: "eu-west-1" }, "https://b-1.s3.eu-west-1.amazonaws.com/k"],
    ["s3://b-1/k", { AWS_REGION: "cn-north-1" }, "https://b-1.s3.cn-north-1.amazonaws.com.cn/k"],
    [
      "s3://b-1/k",
      { AWS_REGION: "eusc-de-east-1" },
      "https://b-1.s3.eusc-de-east-1.amazonaws.eu/k",
    ],
    [
      "s3://b-1/k",
      { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" },
      "https://b-1.s3-fips.dualstack.us-east-1.amazonaws.com/k",
    ],
    ["s3://dotted.b/k", {}, "https://s3.us-east-1.amazonaws.com/dotted.b/k"],
    ["s3://Old_Bucket/k", {}, "https://s3.us-east-1.amazonaws.com/Old_Bucket/k"],
    [
      "s3://b-1//a b+(é)*'!~",
      {},
      "https://b-1.s3.us-east-1.amazonaws.com//a%20b%2B%28%C3%A9%29%2A%27%21~",
    ],
    [
      "s3://b-1/k?versionId=a+b/",
      {},
      "https://b-1.s3.us-east-1.amazonaws.com/k?versionId=a%2Bb%2F",
    ],
    ["s3://b-1/k", { AWS_ENDPOINT_URL_S3: "http://minio:9000" }, "http://minio:9000/b-1/k"],
    ["s3://b-1/k", { AWS_ENDPOINT_URL_S3: "http://gw/s3/" }, "http://gw/s3/b-1/k"],
    [
      "https://b-1.s3-us-west-2.amazonaws.com/a+b",
      { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_S3: "http://minio:9000" },
      "https://b-1.s3.us-west-2.amazonaws.com/a%20b",
    ],
    [
      "https://s3.dualstack.us-west-2.amazonaws.com/b-1/k",
      {},
      "https://s3.dualstack.us-west-2.amazonaws.com/b-1/k",
    ],
    [
      "https://b-1.s3.amazonaws.com/k",
      { AWS_REGION: "eu-west-1" },
      "https://b-1.s3.eu-west-1.amazonaws.com/k",
    ],
    [
      "https://b-1.s3-accelerate.amazonaws.com/k",
      { AWS_REGION: "eu-west-1" },
      "https://b-1.s3-accelerate.amazonaws.com/k",
    ],
  ] as const) {
    test(`${text} with ${JSON.stringify(env)} is ${href}`, async () => {
      assert.equal((await addressOf(text, env)).url.href, href);
    });
  }

  test("can move to another region, on AWS by its host, elsewhere by its signature alone", async () => {
    const onAws = (await addressOf("https://b-1.s3-fips.us-east-1.amazonaws.com/k")).in(
      "us-west-2",
    );
    assert.equal(onAws?.url.href, "https://b-1.s3-fips.us-west-2.amazonaws.com/k");
    const env = { AWS_ENDPOINT_URL_S3: "http://minio:9000" };
    const elsewhere = (await addressOf("s3://b-1/k", env)).in("auto");
    assert.equal(elsewhere?.url.href, "http://minio:9000/b-1/k");
    assert.equal(elsewhere.region, "auto");
  });

  test("does not leave the partition that its credentials belong to", async () => {
    assert.equal((await addressOf("s3://b-1/k")).in("cn-north-1"), undefined);
  });

  test("has the same identity in every region, and another for every object", async () => {
    const here = await addressOf("s3://b-1/k");
    assert.equal(here.in("eu-west-1")?.identity, here.identity);
    const others = ["s3://b-1/k/", "s3://b-2/k", "s3://b-1/k?versionId=1", "s3://b-1/K"];
    const identities = await Promise.all(
      others.map(async (text) => (await addressOf(text)).identity),
    );
    assert.equal(new Set([here.identity, ...identities]).size, others.length + 1);
    const minio = await addressOf("s3://b-1/k", { AWS_ENDPOINT_URL_S3: "http://minio:9000" });
    assert.notEqual(minio.identity, here.identity);
  });

  test("names the variables that make it", async () => {
    assert.equal((await addressOf("s3://b-1/k")).variables, "CLEF_AGENT_SOURCE and AWS_REGION");
    assert.equal(
      (await addressOf("https://b-1.s3.eu-west-1.amazonaws.com/k")).variables,
      "CLEF_AGENT_SOURCE",
    );
    const env = { AWS_ENDPOINT_URL_S3: "http://minio:9000" };
    assert.equal(
      (await addressOf("s3://b-1/k", env)).variables,
      "CLEF_AGENT_SOURCE and AWS_ENDPOINT_URL_S3",
    );
  });
});
