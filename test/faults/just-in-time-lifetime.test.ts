import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { JUST_IN_TIME_TTL_MS, SINGLE_USE_MS, RETIRE_GRACE_MS } from "../../src/limits.ts";
import { httpRequest, TOKEN } from "../support/agent-process.ts";
import { type PackOptions, revocation } from "../support/artifacts.ts";
import { stuckClient } from "../support/stuck-client.ts";
import { eventually } from "../support/temporary.ts";
import {
  largePayload,
  packed,
  VALUE,
  type Watched,
  watchedAgent,
} from "../support/watched-agent.ts";

/** An agent in just-in-time mode that has `VALUE` to serve, and no copy of it in memory. */
async function serving(t: TestContext, options: PackOptions = {}): Promise<Watched> {
  const watched = await watchedAgent(t, options, { CLEF_AGENT_CACHE_TTL: "0" });
  assert.equal(watched.watch.holding(VALUE), 0);
  return watched;
}

const NESTED = JSON.stringify({ app: { KEY: VALUE }, pay: { KEY: VALUE } });
const authorization = `Bearer ${TOKEN}`;

describe("in just-in-time mode plaintext is zeros when its answer was sent", () => {
  const ASKED = [
    ["GET", "/v1/secrets", 200],
    ["HEAD", "/v1/secrets", 200],
    ["GET", "/v1/secrets?format=flat", 200],
    ["GET", "/v1/keys", 200],
    ["GET", "/v1/secrets/app/KEY", 200],
    ["GET", "/v1/secrets/KEY", 409],
    ["GET", "/v1/secrets/none", 404],
  ] as const;
  for (const [method, path, status] of ASKED) {
    it(`${method} ${path} with ${status}`, async (t) => {
      const { agent, watch } = await serving(t, { payload: NESTED });
      const made = watch.made;
      const answer = await httpRequest(agent.port, path, { authorization }, method);
      assert.equal(answer.status, status);
      assert.ok(watch.made > made, "it was decrypted");
      await eventually("zeros", () => watch.holding(VALUE) === 0, 1_000);
    });
  }

  it("GET /v1/secrets with 304", async (t) => {
    const { agent, watch } = await serving(t);
    const made = watch.made;
    const headers = { authorization, "if-none-match": "*" };
    assert.equal((await httpRequest(agent.port, "/v1/secrets", headers)).status, 304);
    assert.ok(watch.made > made, "it was decrypted");
    await eventually("zeros", () => watch.holding(VALUE) === 0, 1_000);
  });
});

describe("in just-in-time mode plaintext is zeros though its client does not read", () => {
  it("when the client goes away, and those that wait for their turn too", async (t) => {
    const { agent, watch } = await serving(t, { payload: largePayload() });
    const paths = ["/v1/secrets", "/v1/secrets/app/SHORT", "/v1/secrets?format=flat"];
    const client = await stuckClient(agent.port, paths);
    // Two payloads, and one value beside: there is no room for the third before one of them is gone.
    await eventually("two are decrypted", () => watch.holding(VALUE) === 3);
    client.destroy();
    await eventually("zeros", () => watch.holding(VALUE) === 0);
  });

  for (const path of ["/v1/secrets", "/v1/secrets?format=flat", "/v1/secrets/app/KEY"]) {
    it(`when the client of ${path} takes too long`, async (t) => {
      const { agent, clock, watch } = await serving(t, { payload: largePayload() });
      const client = await stuckClient(agent.port, [path]);
      await clock.advance(SINGLE_USE_MS + RETIRE_GRACE_MS - 1);
      assert.ok(watch.holding(VALUE) > 0, "it has its time");
      await clock.advance(1);
      await eventually("zeros", () => watch.holding(VALUE) === 0, 1_000);
      client.destroy();
    });
  }

  it("within a second when the artifact is revoked", async (t) => {
    const { agent, clock, origin, watch } = await serving(t, { payload: largePayload() });
    const client = await stuckClient(agent.port, ["/v1/secrets"]);
    origin.artifact = revocation(clock.now().wallMs);
    agent.refresh();
    await agent.idle();
    await clock.advance(RETIRE_GRACE_MS);
    assert.equal(watch.holding(VALUE), 0);
    client.destroy();
    assert.equal((await agent.get("/v1/secrets")).body, '{"error":"Artifact revoked"}');
  });

  it("within a second of expiresAt", async (t) => {
    const payload = largePayload();
    const { agent, clock, origin, watch } = await serving(t, { payload, ttlMs: 12_345 });
    await origin.down();
    await clock.advance(12_000);
    const client = await stuckClient(agent.port, ["/v1/secrets"]);
    await clock.advance(344);
    assert.equal(watch.holding(VALUE), 1);
    await clock.advance(1_001);
    assert.equal(watch.holding(VALUE), 0);
    client.destroy();
  });

  it("when the agent stops", async (t) => {
    const { agent, watch } = await serving(t);
    await agent.get("/v1/secrets");
    await agent.stop();
    assert.equal(watch.holding(VALUE), 0);
  });
});

describe("in just-in-time mode, without the origin,", () => {
  it("secrets are served for a week and no longer, whatever the clocks do", async (t) => {
    const { agent, clock, origin } = await serving(t);
    await origin.down();
    const lastRefreshAt = (await agent.health()).lastRefreshAt ?? 0;
    clock.suspend(JUST_IN_TIME_TTL_MS - 10_000);
    await clock.advance(5_000);
    assert.equal((await agent.get("/v1/secrets")).status, 200);
    const health = await agent.health();
    assert.deepEqual(
      [health.lastRefreshAt, health.lastFailure, health.state],
      [lastRefreshAt, "source_unreachable", "fresh"],
    );
    clock.suspend(10_000);
    assert.equal((await agent.get("/v1/secrets")).status, 503);
    assert.equal((await agent.get("/v1/ready")).body, '{"ready":false,"reason":"cache_expired"}');

    await origin.up();
    await clock.advance(5_000);
    // Not `idle`: a fetch that slept is made once more, which is not counted there.
    const served = async (): Promise<boolean> => (await agent.get("/v1/secrets")).status === 200;
    await eventually("served again, within one poll of its return", served);
  });

  it("what was packed anew is served within one poll of 5 s", async (t) => {
    const { agent, clock, origin } = await serving(t);
    // The first wait after a start is spread over the interval, which is 5 s at least.
    await clock.advance(5_000);
    await agent.idle();
    origin.artifact = await packed(clock, { secrets: { KEY: "newer" } });
    await clock.advance(5_000);
    await agent.idle();
    assert.equal((await agent.get("/v1/secrets/KEY")).body, '{"value":"newer"}');
  });
});
