import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { NO_AWS_FILES } from "../../support/aws-environment.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const SETTINGS = fileURLToPath(new URL("../../../src/aws/settings.ts", import.meta.url));

/** The official loader reads the environment of the process, so each case gets a process. */
function settings(env: Readonly<Record<string, string>>): unknown {
  const script = `
    const { configuredRegion, configuredEndpoint } = await import(${JSON.stringify(SETTINGS)});
    const endpoint = async (service) => {
      try {
        const found = await configuredEndpoint(service);
        return found === undefined ? null : found.variable + " " + found.url.href;
      } catch (error) {
        return error.code + ": " + error.message;
      }
    };
    console.log(JSON.stringify([(await configuredRegion()) ?? null, await endpoint("s3"), await endpoint("kms")]));`;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { ...NO_AWS_FILES, ...env },
    encoding: "utf8",
  });
  assert.equal(child.status, 0, child.stderr);
  return JSON.parse(child.stdout);
}

const CONFIG = `
[default]
region = eu-north-1
endpoint_url = http://all.example
services = local
[profile other]
region = eu-south-1
[services local]
s3 =
  endpoint_url = http://s3.example
`;

describe("region and endpoints", () => {
  test("come from the environment, the service's own before the common one", () => {
    const env = {
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-2",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9000/base",
      AWS_ENDPOINT_URL_KMS: "https://kms.example",
    };
    assert.deepEqual(settings(env), [
      "eu-west-1",
      "AWS_ENDPOINT_URL http://127.0.0.1:9000/base",
      "AWS_ENDPOINT_URL_KMS https://kms.example/",
    ]);
  });

  test("are unset without any; an empty variable counts as unset", () => {
    const env = { AWS_REGION: "", AWS_DEFAULT_REGION: "eu-west-2", AWS_ENDPOINT_URL: "" };
    assert.deepEqual(settings(env), ["eu-west-2", null, null]);
  });

  test("come from the profile where the environment says nothing", async (t) => {
    const file = join(await temporaryDirectory(t), "config");
    writeFileSync(file, CONFIG);
    assert.deepEqual(settings({ AWS_CONFIG_FILE: file }), [
      "eu-north-1",
      "endpoint_url in the AWS config http://s3.example/",
      "endpoint_url in the AWS config http://all.example/",
    ]);
    assert.deepEqual(settings({ AWS_CONFIG_FILE: file, AWS_PROFILE: "other" }), [
      "eu-south-1",
      null,
      null,
    ]);
  });

  test("are AWS's own with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", () => {
    const env = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true", AWS_ENDPOINT_URL: "http://x" };
    assert.deepEqual(settings(env), [null, null, null]);
  });

  for (const url of ["localhost:9000", "ftp://host", "http://key:secret@host/", "http://h/?a=b"]) {
    test(`${url} is refused as an endpoint, by the variable's name`, () => {
      const refusal =
        "config_invalid: AWS_ENDPOINT_URL must be an http:// or https:// URL without credentials or query";
      assert.deepEqual(settings({ AWS_ENDPOINT_URL: url }), [null, refusal, refusal]);
    });
  }
});
