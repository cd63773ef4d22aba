import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { NO_AWS_FILES } from "../support/aws-environment.ts";
import { authority, certificateFor } from "../support/certificate.ts";
import {
  asProcessOutput,
  containerEndpoint,
  imds,
  issued,
  type Issued,
  ssoPortal,
  ssoTokenPath,
  sts,
} from "../support/fake-credentials.ts";
import { FakeS3 } from "../support/fake-s3.ts";
import { listening } from "../support/listening.ts";
import { opened, portOf } from "../support/names-here.ts";
import { ForwardProxy } from "../support/proxy.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

type Env = Readonly<Record<string, string>>;
const ROLE = "arn:aws:iam::123456789012:role/reader";

/** S3 that knows these credentials and no others, and the environment of an agent that reads there. */
async function s3For(t: TestContext, ...known: readonly Issued[]): Promise<readonly [FakeS3, Env]> {
  const s3 = new FakeS3();
  for (const { accessKeyId, ...key } of known) s3.keys.set(accessKeyId, key);
  s3.put("artifacts", "api.json", Buffer.from(await pack()), {
    readers: known.map(({ accessKeyId }) => accessKeyId),
  });
  const env = {
    ...NO_AWS_FILES,
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_S3: await serving(t, s3.listener),
    CLEF_AGENT_SOURCE: "s3://artifacts/api.json",
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_LOG_LEVEL: "debug",
  };
  return [s3, env];
}

async function serving(t: TestContext, listener: Parameters<typeof listening>[1]): Promise<string> {
  return `http://127.0.0.1:${await listening(t, listener)}`;
}

async function fileIn(t: TestContext, name: string, text: string): Promise<string> {
  const path = join(await temporaryDirectory(t), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** A profile `reader` in a config file, and no login of this machine's user. */
async function profileEnv(t: TestContext, config: string): Promise<Env> {
  const file = await fileIn(t, "config", config);
  return {
    HOME: dirname(file),
    AWS_PROFILE: "reader",
    AWS_CONFIG_FILE: file,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

/** Each way in which AWS hands out credentials, and how it gets to the agent. */
const WAYS: Readonly<Record<string, (t: TestContext, given: Issued) => Promise<Env>>> = {
  "the environment": async (_, { accessKeyId, secretAccessKey, sessionToken }) => ({
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }),
  "a profile in the credentials file": async (t, given) => ({
    AWS_PROFILE: "reader",
    AWS_SHARED_CREDENTIALS_FILE: await fileIn(
      t,
      "credentials",
      `[reader]\naws_access_key_id = ${given.accessKeyId}\naws_secret_access_key = ${given.secretAccessKey}\naws_session_token = ${given.sessionToken}\n`,
    ),
  }),
  "a process": async (t, given) => {
    const output = await fileIn(t, "output.json", asProcessOutput(given));
    return {
      AWS_CONFIG_FILE: await fileIn(t, "config", `[default]\ncredential_process = cat ${output}\n`),
    };
  },
  "a role that a profile assumes": async (t, given) => {
    const callers = { AKIACALLER: { secretAccessKey: "caller-secret" } };
    return {
      AWS_PROFILE: "reader",
      AWS_CONFIG_FILE: await fileIn(
        t,
        "config",
        `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = caller\n[profile caller]\naws_access_key_id = AKIACALLER\naws_secret_access_key = caller-secret\n`,
      ),
      AWS_ENDPOINT_URL_STS: await serving(t, sts({ give: () => given, callers })),
    };
  },
  "an SSO session": async (t, given) => {
    const cached = await fileIn(
      t,
      ssoTokenPath("work"),
      JSON.stringify({ accessToken: "sso-access-token", expiresAt: "2999-01-01T00:00:00Z" }),
    );
    return {
      HOME: cached.slice(0, -ssoTokenPath("work").length),
      AWS_PROFILE: "reader",
      AWS_CONFIG_FILE: await fileIn(
        t,
        "config",
        `[profile reader]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = reader\n[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n`,
      ),
      AWS_ENDPOINT_URL_SSO: await serving(
        t,
        ssoPortal("sso-access-token", () => given),
      ),
    };
  },
  "a web identity": async (t, given) => ({
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: await fileIn(t, "token", "web-identity-token"),
    AWS_ENDPOINT_URL_STS: await serving(
      t,
      sts({ give: () => given, webIdentityToken: "web-identity-token" }),
    ),
  }),
  "the container's endpoint, with its token from a file (ECS, EKS Pod Identity)": async (
    t,
    given,
  ) => ({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: await serving(
      t,
      containerEndpoint("pod-identity-token", () => given),
    ),
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await fileIn(t, "token", "pod-identity-token"),
  }),
  "the instance's metadata, version 2": async (t, given) => ({
    AWS_EC2_METADATA_SERVICE_ENDPOINT: await serving(
      t,
      imds(() => given),
    ),
  }),
};

describe("an agent that reads from S3", { concurrency: 4 }, () => {
  for (const [way, prepare] of Object.entries(WAYS)) {
    test(`takes credentials from ${way}`, async (t) => {
      const given = issued("one");
      const [s3, env] = await s3For(t, given);
      const agent = AgentProcess.start(t, { ...env, ...(await prepare(t, given)) });
      await agent.ready();
      assert.ok(s3.seen.every(({ signed }) => signed));
      await agent.stop();
      assertSilent(agent, [given.secretAccessKey, given.sessionToken, "token-", "-token"]);
    });
  }

  test("takes new ones before the old ones expire, and goes on with the old ones until then", async (t) => {
    const [old, young] = [issued("old", 240_000), issued("young")];
    const [s3, env] = await s3For(t, old, young);
    let asked = 0;
    const endpoint = containerEndpoint("Basic x", () => (asked++ === 0 ? old : young));
    const agent = AgentProcess.start(t, {
      ...env,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: await serving(t, endpoint),
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic x",
    });
    await agent.ready();
    s3.keys.delete(old.accessKeyId);
    await eventually("the new ones are used", () => {
      agent.child.kill("SIGHUP");
      return asked >= 2 && s3.seen.at(-1)?.signed;
    });
    await agent.stop();
  });

  test("takes up keys that were replaced in a file, without a failed poll", async (t) => {
    const [before, later] = [issued("before"), issued("later")];
    const [s3, env] = await s3For(t, before, later);
    const text = ({ accessKeyId, secretAccessKey, sessionToken }: Issued): string =>
      `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`;
    const file = await fileIn(t, "credentials", text(before));
    const agent = AgentProcess.start(t, { ...env, AWS_SHARED_CREDENTIALS_FILE: file });
    await agent.ready();
    await writeFile(file, text(later));
    s3.keys.delete(before.accessKeyId);
    const seen = s3.seen.length;
    agent.child.kill("SIGHUP");
    await eventually("it asked again", () => s3.seen.length > seen && s3.seen.at(-1)?.signed);
    await agent.stop();
    assert.ok(!agent.stderr.includes("fetch failed"), agent.stderr);
  });

  const FAILURES: Readonly<Record<string, readonly [(t: TestContext) => Promise<Env>, RegExp]>> = {
    "there are none": [
      async () => ({ AWS_EC2_METADATA_DISABLED: "true" }),
      /no AWS credentials were found; set AWS_ACCESS_KEY_ID/,
    ],
    "half of a key is there": [
      async () => ({ AWS_ACCESS_KEY_ID: "AKIA", AWS_EC2_METADATA_DISABLED: "true" }),
      /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY gave no AWS credentials; set both/,
    ],
    "the profile does not exist": [
      async () => ({ AWS_PROFILE: "nobody", AWS_EC2_METADATA_DISABLED: "true" }),
      /profile that AWS_PROFILE names gave no AWS credentials; there is no such profile in/,
    ],
    "the web identity is not accepted": [
      async (t) => ({
        AWS_ROLE_ARN: ROLE,
        AWS_WEB_IDENTITY_TOKEN_FILE: await fileIn(t, "token", "wrong-web-identity-secret"),
        AWS_ENDPOINT_URL_STS: await serving(
          t,
          sts({ give: () => issued("x"), webIdentityToken: "right" }),
        ),
      }),
      /AWS_WEB_IDENTITY_TOKEN_FILE gave no AWS credentials \(InvalidIdentityTokenException\); check that file/,
    ],
    "the process says something else": [
      async (t) => ({
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_CONFIG_FILE: await fileIn(
          t,
          "config",
          "[default]\ncredential_process = echo process-secret-output; exit 3\n",
        ),
      }),
      /default profile of the shared AWS config files gave no AWS credentials; its credential_process failed/,
    ],
    "there is no SSO login": [
      async (t) =>
        profileEnv(
          t,
          "[profile reader]\nsso_session = work\nsso_account_id = 123456789012\nsso_role_name = reader\n[sso-session work]\nsso_region = eu-west-1\nsso_start_url = https://example.awsapps.com/start\n",
        ),
      /names gave no AWS credentials; there is no SSO login, or it expired; run aws sso login/,
    ],
    "the role wants an MFA code": [
      async (t) =>
        profileEnv(
          t,
          `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = caller\nmfa_serial = arn:aws:iam::123456789012:mfa/a\n[profile caller]\naws_access_key_id = AKIACALLER\naws_secret_access_key = caller-secret\n`,
        ),
      /names gave no AWS credentials; its role wants an MFA code/,
    ],
    "profiles lead in a loop": [
      async (t) =>
        profileEnv(
          t,
          `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = other\n[profile other]\nrole_arn = ${ROLE}\nsource_profile = reader\n`,
        ),
      /names gave no AWS credentials; its source_profile leads in a loop/,
    ],
    "there is no region for a role": [
      async (t) => ({
        ...(await profileEnv(
          t,
          `[profile reader]\nrole_arn = ${ROLE}\nsource_profile = caller\n[profile caller]\naws_access_key_id = AKIACALLER\naws_secret_access_key = caller-secret\n`,
        )),
        AWS_REGION: "",
        AWS_ENDPOINT_URL_STS: await serving(t, sts({ give: () => issued("x"), callers: {} })),
      }),
      /names gave no AWS credentials.*; there is no region, .* set AWS_REGION/,
    ],
  };
  for (const [what, [prepare, message]] of Object.entries(FAILURES)) {
    test(`says where to look when ${what}, and nothing secret`, async (t) => {
      const [s3, env] = await s3For(t, issued("one"));
      const agent = AgentProcess.start(t, { ...env, ...(await prepare(t)) });
      const line = await agent.logged("the failure", ({ message: text }) =>
        message.test(String(text)),
      );
      assert.equal(line["code"], "source_unauthorized");
      assert.equal(s3.seen.length, 0);
      await agent.stop();
      assertSilent(agent, ["wrong-web-identity-secret", "process-secret-output", "caller-secret"]);
    });
  }
});

/** Names of the internet that only a proxy leads to, over TLS. */
async function behindProxy(
  t: TestContext,
  host: string,
  listener: RequestListener,
): Promise<readonly [ForwardProxy, Env]> {
  const ca = authority();
  const certificate = certificateFor([host], { issuer: ca });
  const port = portOf(await opened(t, createTlsServer({ ...certificate }, listener)));
  const proxy = await ForwardProxy.start(t, { names: { [`${host}:443`]: port } });
  return [proxy, { HTTPS_PROXY: proxy.url, CLEF_AGENT_CA_FILE: await fileIn(t, "ca", ca.cert) }];
}

describe(
  "credentials that come from beyond a proxy, behind a CA of the organization",
  { concurrency: true },
  () => {
    const SOURCES: Readonly<
      Record<string, (t: TestContext, given: Issued) => Promise<readonly [ForwardProxy, Env]>>
    > = {
      async "STS, for a web identity"(t, given) {
        const listener = sts({ give: () => given, webIdentityToken: "web-identity-token" });
        const [proxy, env] = await behindProxy(t, "sts.eu-west-1.amazonaws.com", listener);
        const token = await fileIn(t, "token", "web-identity-token");
        return [proxy, { ...env, AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: token }];
      },
      async "STS, for a role that a profile assumes"(t, given) {
        const { AWS_ENDPOINT_URL_STS: _, ...profile } =
          (await WAYS["a role that a profile assumes"]?.(t, given)) ?? {};
        const callers = { AKIACALLER: { secretAccessKey: "caller-secret" } };
        const listener = sts({ give: () => given, callers });
        const [proxy, env] = await behindProxy(t, "sts.eu-west-1.amazonaws.com", listener);
        return [proxy, { ...env, ...profile }];
      },
      async "the portal of SSO"(t, given) {
        const { AWS_ENDPOINT_URL_SSO: _, ...profile } =
          (await WAYS["an SSO session"]?.(t, given)) ?? {};
        const listener = ssoPortal("sso-access-token", () => given);
        const [proxy, env] = await behindProxy(t, "portal.sso.eu-west-1.amazonaws.com", listener);
        return [proxy, { ...env, ...profile }];
      },
      async "a container's endpoint of https"(t, given) {
        const listener = containerEndpoint("the-token", () => given);
        const [proxy, env] = await behindProxy(t, "credentials.example", listener);
        return [
          proxy,
          {
            ...env,
            AWS_CONTAINER_CREDENTIALS_FULL_URI: "https://credentials.example/v1",
            AWS_CONTAINER_AUTHORIZATION_TOKEN: "the-token",
          },
        ];
      },
    };
    for (const [what, open] of Object.entries(SOURCES)) {
      test(`are had from ${what}`, async (t) => {
        const given = issued("one");
        const [, env] = await s3For(t, given);
        const [proxy, found] = await open(t, given);
        const agent = AgentProcess.start(t, { ...env, ...found });
        await agent.ready();
        assert.notEqual(proxy.asked.length, 0);
        await agent.stop();
      });
    }

    test("do not come without the CA, and the certificate is named", async (t) => {
      const [, env] = await s3For(t, issued("one"));
      const listener = sts({ give: () => issued("one"), webIdentityToken: "web-identity-token" });
      const [, { HTTPS_PROXY }] = await behindProxy(t, "sts.eu-west-1.amazonaws.com", listener);
      const agent = AgentProcess.start(t, {
        ...env,
        HTTPS_PROXY,
        AWS_ROLE_ARN: ROLE,
        AWS_WEB_IDENTITY_TOKEN_FILE: await fileIn(t, "token", "web-identity-token"),
      });
      const { code, message } = await agent.logged("why", (line) => line["code"] !== undefined);
      assert.equal(code, "source_untrusted");
      assert.match(String(message), /no AWS credentials came .*CLEF_AGENT_CA_FILE/);
      await agent.stop();
    });

    test("never from a metadata service, whatever NODE_USE_ENV_PROXY says", async (t) => {
      const given = issued("one");
      const [, env] = await s3For(t, given);
      const proxy = await ForwardProxy.start(t);
      const agent = AgentProcess.start(t, {
        ...env,
        ...(await WAYS["the instance's metadata, version 2"]?.(t, given)),
        HTTP_PROXY: proxy.url,
        NODE_USE_ENV_PROXY: "1",
      });
      await agent.ready();
      await agent.stop();
      assert.deepEqual(proxy.asked, []);
    });
  },
);

test("without a region nothing but the log is written to standard error", async (t) => {
  const given = issued("one");
  const [, env] = await s3For(t, given);
  const agent = AgentProcess.start(t, {
    ...env,
    ...(await WAYS["a web identity"]?.(t, given)),
    AWS_REGION: undefined,
  });
  await eventually(
    "it looked for credentials",
    () =>
      agent.log.some(({ code }) => code !== undefined) ||
      agent.stderr.includes("artifact.refreshed"),
  );
  await agent.stop();
  for (const line of agent.stderr.trim().split("\n")) assert.match(line, /^\{.*\}$/);
});

function assertSilent(agent: AgentProcess, secrets: readonly string[]): void {
  for (const secret of secrets) {
    assert.ok(!(agent.stderr + agent.stdout).includes(secret), `${secret} in ${agent.stderr}`);
  }
}
