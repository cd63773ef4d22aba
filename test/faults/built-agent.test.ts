import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import type { Health } from "../support/agent-in-process.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, altered, pack, revocation, VERIFY_KEY } from "../support/artifacts.ts";
import { answering, endless, healthy, Origin, resetting, truncating } from "../support/origin.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

test("the built agent goes through one fault after the other and serves all the while", async (t) => {
  const origin = await Origin.start(t);
  const cachePath = await temporaryDirectory(t);
  origin.artifact = await pack({ secrets: { KEY: "0" }, signed: true });
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_CACHE_PATH: cachePath,
  });
  const failure = async (): Promise<string | null> =>
    (JSON.parse((await agent.get("/v1/health")).body) as Health).lastFailure;
  const serves = async (value: string): Promise<boolean> =>
    (await agent.get("/v1/secrets/KEY")).body === JSON.stringify({ value });
  await agent.ready();

  const faults: Readonly<Record<string, () => Promise<void> | void>> = {
    source_unreachable: () => origin.down(),
    source_server_error: () => void (origin.behaviour = answering(500)),
    source_too_large: () => void (origin.behaviour = endless),
    source_truncated: () => void (origin.behaviour = truncating),
    json_parse: () => void (origin.behaviour = answering(200, {}, "<html>")),
    integrity: () =>
      void (origin.artifact = altered(origin.artifact, { ciphertextHash: "0".repeat(64) })),
  };
  for (const [index, [code, begin]] of Object.entries(faults).entries()) {
    const held = String(index);
    const next = String(index + 1);
    await begin();
    agent.child.kill("SIGHUP");
    await eventually(`it fails with ${code}`, async () => (await failure()) === code);
    assert.ok(await serves(held), code);

    await origin.up();
    origin.behaviour = healthy;
    origin.artifact = await pack({ secrets: { KEY: next }, signed: true });
    agent.child.kill("SIGHUP");
    await eventually(`back after ${code}`, () => serves(next));
    assert.equal(await failure(), null);
  }

  const cached = async (): Promise<number> =>
    (await readdir(cachePath)).filter((name) => name.endsWith(".json")).length;
  assert.equal(await cached(), 1);
  origin.artifact = revocation();
  agent.child.kill("SIGHUP");
  await eventually("revoked", async () => (await agent.get("/v1/secrets")).status === 503);
  await eventually("the disk cache is purged", async () => (await cached()) === 0);
  await agent.stop();
});

test("a connection reset at the start ends in secrets as soon as the origin answers", async (t) => {
  const origin = await Origin.start(t);
  origin.artifact = await pack();
  origin.behaviour = resetting;
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  await agent.logged("the failure", ({ event }) => event === "fetch.failed");
  assert.equal((await agent.get("/v1/ready")).status, 503);
  origin.behaviour = healthy;
  // The first retry comes within a second or two, without anyone asking for it.
  await agent.ready();
  await agent.stop();
});
