import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parseVcsCredential, type VcsProvider } from "../../src/config/vcs-credential.ts";
import { secretTexts } from "../../src/config/vcs-secrets.ts";
import type { Health } from "../support/agent-in-process.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { HOSTS } from "../support/code-hosts/sources.ts";
import { clef } from "../support/cli.ts";
import { rememberSecret, secretsIn } from "../support/known-secrets.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const PATH = ".clef/packed/api-gateway/production.age.json";
const PROVIDERS = ["github", "gitlab", "bitbucket", "gitea"] as const;
type Host = InstanceType<(typeof HOSTS)[VcsProvider]>;

const artifact = async (value: string): Promise<Buffer> =>
  Buffer.from(await pack({ secrets: { KEY: value }, signed: true }));

async function startHost(t: TestContext, provider: VcsProvider): Promise<Host> {
  const host = await new HOSTS[provider]().listen(t);
  if (provider === "bitbucket") host.token = "me@example.com:ATATT3xTest-0123456789";
  host.repository.commit("main", PATH, await artifact("one"));
  return host;
}

const environment = (provider: VcsProvider, host: Host): Record<string, string> => ({
  CLEF_AGENT_VCS_PROVIDER: provider,
  CLEF_AGENT_VCS_REPO: host.repo,
  CLEF_AGENT_VCS_TOKEN: host.token,
  CLEF_AGENT_VCS_IDENTITY: "api-gateway",
  CLEF_AGENT_VCS_ENVIRONMENT: "production",
  CLEF_AGENT_VCS_API_URL: host.address,
  CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
});

const health = async (agent: AgentProcess): Promise<Health> =>
  JSON.parse((await agent.get("/v1/health")).body) as Health;

const serves = (agent: AgentProcess, value: string): Promise<boolean> =>
  eventually(
    `it serves ${value}`,
    async () => (await agent.get("/v1/secrets/KEY")).body === JSON.stringify({ value }),
  );

for (const provider of PROVIDERS) {
  describe(`an agent on ${provider}`, () => {
    test("serves what is committed, and what is committed next", async (t) => {
      const host = await startHost(t, provider);
      const agent = AgentProcess.start(t, environment(provider, host));
      await agent.ready();
      await serves(agent, "one");
      const before = host.sentBytes;
      const refreshed = (await health(agent)).lastRefreshAt;
      agent.child.kill("SIGHUP");
      await eventually(
        "it looked again",
        async () => (await health(agent)).lastRefreshAt !== refreshed,
      );
      assert.equal(host.sentBytes, before, "an unchanged artifact was sent again");
      host.repository.commit("main", PATH, await artifact("two"));
      agent.child.kill("SIGHUP");
      await serves(agent, "two");
      await agent.stop();
    });

    test("takes the token that its file holds now", async (t) => {
      const host = await startHost(t, provider);
      const file = join(await temporaryDirectory(t), "token");
      await writeFile(file, `${host.token}\n`);
      const agent = AgentProcess.start(t, {
        ...environment(provider, host),
        CLEF_AGENT_VCS_TOKEN: undefined,
        CLEF_AGENT_VCS_TOKEN_FILE: file,
      });
      await agent.ready();
      host.token = `${host.token}-next`;
      host.repository.commit("main", PATH, await artifact("two"));
      agent.child.kill("SIGHUP");
      await agent.logged("401", ({ code }) => code === "source_unauthorized");
      await writeFile(file, host.token);
      agent.child.kill("SIGHUP");
      await serves(agent, "two");
      const output = agent.stderr + agent.stdout;
      assert.ok(!output.includes(host.token));
      await agent.stop();
    });

    test("shows its token nowhere, whatever fails", async (t) => {
      const host = await startHost(t, provider);
      const { token } = host;
      for (const text of [token, ...secretTexts(parseVcsCredential(provider, token))]) {
        rememberSecret(text);
      }
      const collector = await OtlpReceiver.start(t);
      const agent = AgentProcess.start(t, {
        ...environment(provider, host),
        CLEF_AGENT_LOG_LEVEL: "debug",
        CLEF_AGENT_TELEMETRY_URL: collector.logsUrl,
      });
      await agent.ready();
      const address = host.prefix;
      const heal = (): void => {
        host.token = token;
        host.prefix = address;
        host.refusal = undefined;
        host.denied = undefined;
        host.delivery = "whole";
      };
      let value = 1;
      const { refusals } = HOSTS[provider];
      const failures: Readonly<Record<string, () => unknown>> = {
        source_not_found: () => host.repository.commit("main", PATH, undefined),
        source_unauthorized: () => (host.token = "another"),
        source_forbidden: () => (host.denied = refusals.forbidden),
        source_server_error: () => (host.refusal = refusals.serverError),
        source_unexpected_answer: () => (host.prefix = "/elsewhere"),
        source_redirect: () => (host.delivery = { to: "file:///etc/passwd" }),
        source_truncated: () => (host.delivery = "cut"),
        source_too_large: () => (host.delivery = "endless"),
        // An answer that repeats what it was sent, as a debugging proxy does.
        json_parse: () => (host.delivery = "echo"),
        // At the end: the agent honours the wait.
        source_rate_limited: () => (host.refusal = refusals.rateLimited),
      };
      let seen = "";
      for (const [code, fail] of Object.entries(failures)) {
        heal();
        host.repository.commit("main", PATH, await artifact(String(++value)));
        fail();
        agent.child.kill("SIGHUP");
        await eventually(
          `it fails with ${code}; so far:\n${agent.stderr}`,
          async () => (await health(agent)).lastFailure === code,
        );
        for (const path of ["/v1/health", "/v1/ready", "/v1/keys", "/v1/nope"]) {
          const answer = await agent.get(path);
          seen += JSON.stringify(answer.headers) + answer.body;
        }
      }
      await agent.stop();
      seen += agent.stderr + agent.stdout;
      assert.match(seen, /source_rate_limited/);
      assert.deepEqual(secretsIn(Buffer.from(seen)), []);
      // What it was sent is searched when the collector closes.
      const told = collector.events.filter(({ name }) => name === "fetch.failed");
      assert.ok(told.length >= Object.keys(failures).length - 1, String(told.length));
      assert.doesNotMatch(seen, /authorization: |private-token|\[hidden\]/i);
    });

    test("names the variable that is wrong, in the log", async (t) => {
      const host = await startHost(t, provider);
      const wrong = { CLEF_AGENT_VCS_REPO: "acme/nope" };
      const agent = AgentProcess.start(t, { ...environment(provider, host), ...wrong });
      const line = await agent.logged("failure", ({ event }) => event === "fetch.failed");
      assert.match(
        String(line["message"]),
        /acme\/nope does not exist there, .*CLEF_AGENT_VCS_REPO/,
      );
      await agent.stop();
    });
  });
}

test("a token of another provider, or a provider for another token, is said at the start", async () => {
  const { code, stderr } = await clef([], {
    env: {
      CLEF_AGENT_VCS_PROVIDER: "github",
      CLEF_AGENT_VCS_REPO: "a/b",
      CLEF_AGENT_VCS_TOKEN: "glpat-secret-0123",
      CLEF_AGENT_VCS_IDENTITY: "api",
      CLEF_AGENT_VCS_ENVIRONMENT: "production",
    },
  });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /CLEF_AGENT_VCS_TOKEN: it looks like a token of gitlab, but CLEF_AGENT_VCS_PROVIDER is github/,
  );
  assert.doesNotMatch(stderr, /secret-0123/);
});
