import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { generateIdentity, identityToRecipient } from "age-encryption";
import type { Health } from "../support/agent-in-process.ts";
import { AgentProcess, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { Origin } from "../support/origin.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const SECRETS = { app: { KEY: "one", DB: "two" }, pay: { KEY: "three" } };

async function started(
  t: TestContext,
  source: string,
  env: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> {
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: source,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_CACHE_TTL: "0",
    ...env,
  });
  return agent;
}

async function health(agent: AgentProcess): Promise<Health & { readonly mode: string }> {
  return JSON.parse((await agent.get("/v1/health")).body) as Health & { readonly mode: string };
}

describe("the built agent in just-in-time mode", () => {
  test("decrypts where Node.js has no WebAssembly", async (t) => {
    const source = join(await temporaryDirectory(t), "artifact.json");
    await writeFile(source, await pack({ secrets: SECRETS }));
    const env = {
      CLEF_AGENT_SOURCE: source,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_CACHE_TTL: "0",
      NODE_OPTIONS: "--jitless",
    };
    const agent = AgentProcess.start(t, env);
    await agent.ready();
    assert.deepEqual(JSON.parse((await agent.get("/v1/secrets")).body), SECRETS);
  });

  test("answers every request as in cached mode", async (t) => {
    const source = join(await temporaryDirectory(t), "artifact.json");
    const artifact = await pack({ secrets: SECRETS, signed: true });
    await writeFile(source, artifact);
    const agent = await started(t, source);
    await agent.ready();
    const { revision } = JSON.parse(artifact) as { readonly revision: string };
    const { mode, ...rest } = await health(agent);
    assert.deepEqual([mode, rest.revision, rest.state], ["jit", revision, "fresh"]);

    const expected = {
      "/v1/secrets": [200, SECRETS],
      "/v1/secrets?format=flat": [200, { app__KEY: "one", app__DB: "two", pay__KEY: "three" }],
      "/v1/secrets/DB": [200, { value: "two" }],
      "/v1/secrets/pay/KEY": [200, { value: "three" }],
      "/v1/secrets/none": [404, { error: "Secret 'none' not found" }],
      "/v1/keys": [200, ["app__KEY", "app__DB", "pay__KEY"]],
    } as const;
    for (let round = 0; round < 3; round++) {
      for (const [path, [status, body]] of Object.entries(expected)) {
        const answer = await agent.get(path);
        assert.equal(answer.status, status, path);
        assert.deepEqual(JSON.parse(answer.body), body, path);
      }
    }
    assert.equal((await agent.get("/v1/secrets/KEY")).status, 409);
    const { headers } = await agent.get("/v1/secrets");
    const matching = await agent.get("/v1/secrets", { "if-none-match": String(headers["etag"]) });
    assert.equal(matching.status, 304);
    const authorization = `Bearer ${TOKEN}`;
    const head = await httpRequest(await agent.port(), "/v1/secrets", { authorization }, "HEAD");
    assert.deepEqual([head.status, head.body], [200, ""]);

    const refreshed = agent.log.find((line) => line["event"] === "artifact.refreshed");
    assert.equal(refreshed?.["revision"], revision);
    assert.equal(refreshed["keyCount"], undefined);
    await agent.stop();
    assert.equal(agent.exit?.code, 0);
  });

  test("answers a client that closes its half of the connection once it has asked", async (t) => {
    const source = join(await temporaryDirectory(t), "artifact.json");
    await writeFile(source, await pack({ secrets: SECRETS, signed: true }));
    const agent = await started(t, source);
    await agent.ready();
    const client = connect({ port: await agent.port(), host: "127.0.0.1", allowHalfOpen: true });
    t.after(() => client.destroy());
    const authorization = `Authorization: Bearer ${TOKEN}`;
    client.end(`GET /v1/secrets/DB HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\n\r\n`);
    const answer = (await client.toArray()).join("");
    assert.match(answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*\{"value":"two"\}$/);
  });

  test("answers a burst of more requests than it decrypts at once", async (t) => {
    const source = join(await temporaryDirectory(t), "artifact.json");
    await writeFile(source, await pack({ secrets: SECRETS, signed: true }));
    const agent = await started(t, source);
    await agent.ready();
    const burst = await Promise.all(
      Array.from({ length: 200 }, async () => (await agent.get("/v1/secrets/DB")).body),
    );
    assert.deepEqual(new Set(burst), new Set(['{"value":"two"}']));
  });

  test("is not ready before it has decrypted once, and says why", async (t) => {
    const origin = await Origin.start(t);
    const other = await identityToRecipient(await generateIdentity());
    origin.artifact = await pack({ signed: true, recipients: [other] });
    const agent = await started(t, origin.url);
    await agent.logged("refused", (line) => line["reason"] === "decrypt");
    const { status, body } = await agent.get("/v1/ready");
    assert.deepEqual([status, body], [503, '{"ready":false,"reason":"not_loaded"}']);
    assert.equal((await health(agent)).lastFailure, "decrypt");
    origin.artifact = await pack({ signed: true, recipients: [other, AGE_RECIPIENT] });
    agent.child.kill("SIGHUP");
    await agent.ready();
  });

  test("serves no longer than to expiresAt", async (t) => {
    const origin = await Origin.start(t);
    origin.artifact = await pack({ signed: true, ttlMs: 2_000 });
    const agent = await started(t, origin.url);
    await agent.ready();
    assert.equal((await agent.get("/v1/secrets")).status, 200);
    await eventually("503", async () => (await agent.get("/v1/secrets")).status === 503, 5_000);
    assert.equal((await agent.get("/v1/secrets")).body, '{"error":"Secrets expired"}');
    await agent.logged("expired", (line) => line["event"] === "artifact.expired");
  });

  test("starts from the disk cache while its origin is down", async (t) => {
    const origin = await Origin.start(t);
    origin.artifact = await pack({ secrets: SECRETS, signed: true });
    const CLEF_AGENT_CACHE_PATH = join(await temporaryDirectory(t), "cache");
    const first = await started(t, origin.url, { CLEF_AGENT_CACHE_PATH });
    await first.ready();
    await first.stop();
    await origin.down();
    const second = await started(t, origin.url, { CLEF_AGENT_CACHE_PATH });
    await second.ready();
    assert.equal((await second.get("/v1/secrets/DB")).body, '{"value":"two"}');
    assert.equal((await health(second)).dataFrom, "disk_cache");
  });
});
