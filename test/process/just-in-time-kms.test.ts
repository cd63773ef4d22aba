import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { packedFor } from "../support/kms/pack-for.ts";

const FAKES = {
  "AWS KMS": (t) => FakeAwsKms.start(t),
  "GCP Cloud KMS": (t) => FakeGcpKms.start(t),
  "Azure Key Vault": (t) => FakeAzureKms.start(t),
} as const satisfies Record<string, (t: TestContext) => Promise<FakeKms>>;

/** Every way to ask for what was decrypted, and what a good answer is. */
const ASKED = {
  "/v1/secrets": 200,
  "/v1/secrets?format=flat": 200,
  "/v1/secrets/KEY": 200,
  "/v1/secrets/app/KEY": 200,
  "/v1/secrets/none": 404,
  "/v1/keys": 200,
} as const;

/** The built agent in just-in-time mode, ready to serve what is packed for the KMS. */
async function serving(t: TestContext, fake: FakeKms): Promise<AgentProcess> {
  const agent = AgentProcess.start(t, {
    ...fake.env,
    CLEF_AGENT_SOURCE: await packedFor(t, fake, { app: { KEY: "k-1" } }),
    CLEF_AGENT_CACHE_TTL: "0",
  });
  await agent.ready();
  return agent;
}

async function assertStatuses(agent: AgentProcess, denied: boolean): Promise<void> {
  for (const [path, status] of Object.entries(ASKED)) {
    const answer = await agent.get(path);
    assert.equal(answer.status, denied ? 503 : status, `${path}: ${answer.body}`);
    if (denied) assert.equal(answer.body, '{"error":"Decryption failed"}');
  }
}

for (const [name, start] of Object.entries(FAKES)) {
  describe(`in just-in-time mode with ${name}`, () => {
    test("taking the permission away is felt by the very next request, giving it back by the next", async (t) => {
      const fake = await start(t);
      const agent = await serving(t, fake);
      await assertStatuses(agent, false);
      const { headers } = await agent.get("/v1/secrets");
      const etag = { "if-none-match": String(headers["etag"]) };
      assert.equal((await agent.get("/v1/secrets", etag)).status, 304);

      for (let round = 0; round < 3; round++) {
        fake.takeAway();
        assert.equal((await agent.get("/v1/secrets")).status, 503);
        fake.giveBack();
        assert.equal((await agent.get("/v1/secrets")).status, 200);
      }
      fake.takeAway();
      await assertStatuses(agent, true);
      assert.equal((await agent.get("/v1/secrets", etag)).status, 503, "not even 304");
      const health = (await agent.get("/v1/health")).body;
      assert.match(health, /"mode":"jit".*"state":"fresh".*"lastFailure":"kms_unwrap"/);
      fake.giveBack();
      await assertStatuses(agent, false);
      assert.match((await agent.get("/v1/health")).body, /"lastFailure":null/);

      const told = agent.log.filter((line) => line["reason"] === "kms_unwrap");
      assert.equal(told.length, 1, "once in ten seconds, however often clients ask");
      assert.ok(String(told[0]?.["error"]).includes(fake.keyId));
    });

    test("every request asks the KMS, and shares the answer with nobody", async (t) => {
      const fake = await start(t);
      const agent = await serving(t, fake);
      const before = fake.requests;
      const answers = await Promise.all(
        Array.from({ length: 50 }, async () => (await agent.get("/v1/secrets/KEY")).body),
      );
      assert.deepEqual(new Set(answers), new Set(['{"value":"k-1"}']));
      assert.equal(fake.requests - before, 50);
    });
  });
}
