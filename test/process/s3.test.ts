import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import type { Health } from "../support/agent-in-process.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { NO_AWS_FILES } from "../support/aws-environment.ts";
import { failing, FakeS3 } from "../support/fake-s3.ts";
import { listening } from "../support/listening.ts";
import { presigned } from "../support/sigv4.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";
import { noOpenssl, tunnelTo } from "../support/tls-tunnel.ts";

const KEY = {
  accessKeyId: "AKIAEXAMPLE",
  secretAccessKey: "alpha-secret-key",
  sessionToken: "alpha-session-token",
};
const AGENT = {
  ...NO_AWS_FILES,
  AWS_EC2_METADATA_DISABLED: "true",
  CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  CLEF_AGENT_LOG_LEVEL: "debug",
};
const WITH_KEY = {
  AWS_ACCESS_KEY_ID: KEY.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
  AWS_SESSION_TOKEN: KEY.sessionToken,
};

async function fakeS3(
  region: string,
  readers: readonly string[] = [KEY.accessKeyId],
): Promise<FakeS3> {
  const s3 = new FakeS3();
  s3.keys.set(KEY.accessKeyId, KEY);
  const artifact = await pack({ secrets: { KEY: "value" } });
  s3.put("artifacts", "packed/api prod.json", Buffer.from(artifact), { region, readers });
  return s3;
}

const health = async (agent: AgentProcess): Promise<Health> =>
  JSON.parse((await agent.get("/v1/health")).body) as Health;

describe("an agent on the hosts of Amazon S3", { skip: noOpenssl }, () => {
  const HOSTS = [
    "*.s3.us-east-1.amazonaws.com",
    "*.s3.eu-west-1.amazonaws.com",
    "s3.eu-west-1.amazonaws.com",
    "*.s3-fips.dualstack.us-east-1.amazonaws.com",
    "*.s3.cn-north-1.amazonaws.com.cn",
  ];
  const KEY_PATH = "packed/api+prod.json";
  for (const [address, env, asked] of [
    [
      "s3://artifacts/packed/api prod.json",
      { ...WITH_KEY, AWS_REGION: "eu-west-1" },
      ["artifacts.s3.eu-west-1.amazonaws.com"],
    ],
    [
      "s3://artifacts/packed/api prod.json",
      WITH_KEY,
      ["artifacts.s3.us-east-1.amazonaws.com", "artifacts.s3.eu-west-1.amazonaws.com"],
    ],
    [
      `https://artifacts.s3.amazonaws.com/${KEY_PATH}`,
      WITH_KEY,
      ["artifacts.s3.us-east-1.amazonaws.com", "artifacts.s3.eu-west-1.amazonaws.com"],
    ],
    [
      `https://s3-eu-west-1.amazonaws.com/artifacts/${KEY_PATH}`,
      WITH_KEY,
      ["s3.eu-west-1.amazonaws.com"],
    ],
    [
      `https://artifacts.s3-fips.dualstack.us-east-1.amazonaws.com/${KEY_PATH}`,
      WITH_KEY,
      ["artifacts.s3-fips.dualstack.us-east-1.amazonaws.com"],
    ],
    [
      `https://artifacts.s3.cn-north-1.amazonaws.com.cn/${KEY_PATH}`,
      WITH_KEY,
      ["artifacts.s3.cn-north-1.amazonaws.com.cn"],
    ],
  ] as const) {
    test(`finds ${address} with ${JSON.stringify(Object.keys(env))}`, async (t) => {
      const region = /\.(\w+-\w+-\d)\.amazon/.exec(asked.at(-1) ?? "")?.[1] ?? "";
      const s3 = await fakeS3(region);
      const agent = AgentProcess.start(t, {
        ...AGENT,
        ...env,
        ...(await tunnelTo(t, HOSTS, s3.listener)),
        CLEF_AGENT_SOURCE: address,
      });
      await agent.ready();
      await agent.stop();
      assert.deepEqual(
        s3.seen.map(({ host }) => host),
        asked,
      );
    });
  }

  test("asks for a public object without a signature when it has no credentials", async (t) => {
    const s3 = await fakeS3("eu-west-1", ["*"]);
    const agent = AgentProcess.start(t, {
      ...AGENT,
      ...(await tunnelTo(t, HOSTS, s3.listener)),
      CLEF_AGENT_SOURCE: `https://artifacts.s3.eu-west-1.amazonaws.com/${KEY_PATH}`,
    });
    await agent.ready();
    assert.ok(s3.seen.every(({ signed }) => !signed));
    await agent.stop();
  });

  test("says that it has no credentials when the object is not public", async (t) => {
    const s3 = await fakeS3("eu-west-1");
    const agent = AgentProcess.start(t, {
      ...AGENT,
      ...(await tunnelTo(t, HOSTS, s3.listener)),
      CLEF_AGENT_SOURCE: `https://artifacts.s3.eu-west-1.amazonaws.com/${KEY_PATH}`,
    });
    const line = await agent.logged("the failure", ({ code }) => code === "source_unauthorized");
    assert.match(
      String(line["message"]),
      /403 AccessDenied; .* no AWS credentials were found; set/,
    );
    await agent.stop();
  });

  test("fetches a presigned URL as it is, and says nothing of its signature", async (t) => {
    const s3 = await fakeS3("eu-west-1");
    s3.keys.set(KEY.accessKeyId, { secretAccessKey: KEY.secretAccessKey });
    const url = presigned(
      new URL("https://artifacts.s3.eu-west-1.amazonaws.com/packed/api%20prod.json"),
      KEY,
      { region: "eu-west-1", nowMs: Date.now(), expiresSeconds: 300 },
    );
    const agent = AgentProcess.start(t, {
      ...AGENT,
      ...WITH_KEY,
      ...(await tunnelTo(t, HOSTS, s3.listener)),
      CLEF_AGENT_SOURCE: url.href,
    });
    await agent.ready();
    assert.deepEqual(s3.seen, [
      { host: url.host, target: `${url.pathname}${url.search}`, signed: true, conditional: false },
    ]);
    await agent.stop();
    const signature = url.searchParams.get("X-Amz-Signature") ?? "";
    assert.ok(!agent.stderr.includes(signature), agent.stderr);
  });
});

describe("an agent on S3", () => {
  /** With keys from a file, which the log's own second line of defence does not know. */
  async function started(t: TestContext): Promise<readonly [FakeS3, AgentProcess]> {
    const s3 = await fakeS3("eu-west-1");
    const file = join(await temporaryDirectory(t), "credentials");
    await writeFile(
      file,
      `[default]\naws_access_key_id = ${KEY.accessKeyId}\naws_secret_access_key = ${KEY.secretAccessKey}\naws_session_token = ${KEY.sessionToken}\n`,
    );
    const agent = AgentProcess.start(t, {
      ...AGENT,
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${await listening(t, s3.listener)}`,
      CLEF_AGENT_SOURCE: "s3://artifacts/packed/api prod.json",
    });
    await agent.ready();
    return [s3, agent];
  }

  test("moves no artifact bytes while nothing changes, and serves what changed", async (t) => {
    const [s3, agent] = await started(t);
    const { sentBytes } = s3;
    const { lastRefreshAt } = await health(agent);
    agent.child.kill("SIGHUP");
    await eventually("it asked", async () => (await health(agent)).lastRefreshAt !== lastRefreshAt);
    assert.equal(s3.sentBytes, sentBytes);
    assert.ok(s3.seen.at(-1)?.conditional);
    const next = await pack({ secrets: { KEY: "next" }, nowMs: Date.now() + 1 });
    s3.put("artifacts", "packed/api prod.json", Buffer.from(next));
    agent.child.kill("SIGHUP");
    const expected = JSON.stringify({ value: "next" });
    await eventually("it serves it", async () => {
      return (await agent.get("/v1/secrets/KEY")).body === expected;
    });
    await agent.stop();
  });

  test("lets no credential, token or signature out, however S3 fails", async (t) => {
    const [s3, agent] = await started(t);
    let healths = "";
    const fails = async (code: string, how: () => void): Promise<void> => {
      const { length } = agent.log;
      how();
      agent.child.kill("SIGHUP");
      await eventually(`a failure with ${code}; so far:\n${agent.stderr}`, () =>
        agent.log.slice(length).some((line) => line["code"] === code),
      );
      healths += (await agent.get("/v1/health")).body;
    };
    const FAILURES = [
      [404, "NoSuchKey", "source_not_found"],
      [404, "NoSuchBucket", "source_not_found"],
      [403, "AccessDenied", "source_forbidden"],
      [403, "InvalidAccessKeyId", "source_unauthorized"],
      [403, "SignatureDoesNotMatch", "source_unauthorized"],
      [400, "ExpiredToken", "source_unauthorized"],
      [403, "RequestTimeTooSkewed", "source_unauthorized"],
      [301, "PermanentRedirect", "source_redirect"],
      [400, "AuthorizationHeaderMalformed", "source_redirect"],
      [503, "SlowDown", "source_rate_limited"],
      [500, "InternalError", "source_server_error"],
      [418, "Unheard", "source_unexpected_answer"],
    ] as const;
    for (const [status, s3Code, code] of FAILURES) {
      await fails(code, () => (s3.behaviour = failing(status, s3Code)));
    }
    await fails("source_truncated", () => {
      s3.behaviour = (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.destroy());
      };
    });
    await fails("source_too_large", () => {
      s3.behaviour = (response) => response.writeHead(200, { "content-length": "99999999" }).end();
    });
    await fails("source_unauthorized", () => s3.keys.clear());
    await agent.stop();

    const output = agent.stderr + agent.stdout + healths;
    assert.ok(output.includes("answered 403 AccessDenied"));
    for (const secret of [KEY.secretAccessKey, KEY.sessionToken, "Signature=", "AWS4-HMAC"]) {
      assert.ok(!output.includes(secret), `${secret} in ${output}`);
    }
  });
});
