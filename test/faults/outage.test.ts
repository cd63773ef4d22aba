import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { InProcessAgent, pass } from "../support/agent-in-process.ts";
import { pack } from "../support/artifacts.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { hanging, healthy, Origin, slow } from "../support/origin.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const TTL_SECONDS = 300;
const INTERVAL_SECONDS = 30;
const ENV = { CLEF_AGENT_CACHE_TTL: String(TTL_SECONDS) };

for (const withCache of [false, true]) {
  const title = withCache ? "with a disk cache" : "without a disk cache";

  it(`the origin down for a whole TTL: served, then 503, then back within one poll, ${title}`, async (t) => {
    const { origin, clock } = await world(t);
    const cachePath = withCache ? await temporaryDirectory(t) : undefined;
    const agent = await InProcessAgent.start(t, { origin, clock, cachePath, env: ENV });
    const lastRefreshAt = (await agent.health()).lastRefreshAt ?? 0;

    await origin.down();
    const ageMs = (): number => clock.now().wallMs - lastRefreshAt;
    while (ageMs() < 2 * TTL_SECONDS * 1000) {
      const status = (await agent.get("/v1/secrets")).status;
      assert.equal(status, ageMs() < TTL_SECONDS * 1000 ? 200 : 503, `at ${ageMs()} ms`);
      await pass(clock, 1_000, agent);
    }

    await origin.up();
    await pass(clock, INTERVAL_SECONDS * 1000, agent);
    assert.equal((await agent.health()).state, "fresh", "though nobody asked");
    assert.equal((await agent.get("/v1/secrets")).status, 200);
  });
}

it("clients that keep asking while the secrets are gone do not make the agent hammer its origin", async (t) => {
  const { origin, clock } = await world(t);
  const agent = await InProcessAgent.start(t, { origin, clock, env: ENV });
  await origin.down();
  await pass(clock, TTL_SECONDS * 1000, agent);
  const before = agent.fetches;
  for (let second = 0; second < TTL_SECONDS; second++) {
    await Promise.all([agent.get("/v1/secrets"), agent.get("/v1/secrets"), agent.get("/v1/keys")]);
    await pass(clock, 1_000, agent);
  }
  const perInterval = ((agent.fetches - before) / TTL_SECONDS) * INTERVAL_SECONDS;
  assert.ok(perInterval <= 4, `${perInterval.toFixed(1)} fetches in the time of one poll`);
});

it("a thousand readers who find the secrets expired cause one fetch, and all get the answer", async (t) => {
  const { origin, clock } = await world(t);
  const agent = await InProcessAgent.start(t, { origin, clock, env: ENV });
  origin.behaviour = slow(200);
  // A machine that slept for longer than the TTL.
  clock.suspend(2 * TTL_SECONDS * 1000);
  await clock.advance(6_000);
  const before = origin.requests;
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () => (await agent.get("/v1/secrets")).status),
  );
  assert.deepEqual(new Set(answers), new Set([200]));
  assert.equal(origin.requests - before, 1);
});

it("a restart during an outage serves the disk cache at once and for the time that was left", async (t) => {
  const { origin, clock } = await world(t);
  const cachePath = await temporaryDirectory(t);
  const first = await InProcessAgent.start(t, { origin, clock, cachePath, env: ENV });
  const { lastRefreshAt, revision } = await first.health();
  origin.behaviour = hanging;
  first.deadlineMs = 50;
  await pass(clock, 100_000, first);
  await first.stop();

  // A new process: its monotonic clock starts anew.
  const later = new FakeClock(clock.now().wallMs);
  const second = new InProcessAgent({ origin, clock: later, cachePath, env: ENV });
  t.after(() => second.stop());
  await second.startWithoutWaiting();
  await second.loaded;
  assert.equal((await second.get("/v1/ready")).status, 200, "before the origin answered anything");
  const health = await second.health();
  assert.deepEqual(
    [health.revision, health.lastRefreshAt, health.ageSeconds, health.dataFrom],
    [revision, lastRefreshAt, 100, "disk_cache"],
  );

  second.deadlineMs = 50;
  await origin.down();
  await pass(later, 199_999, second);
  assert.equal((await second.get("/v1/secrets")).status, 200);
  await pass(later, 1, second);
  assert.equal((await second.get("/v1/secrets")).status, 503);

  origin.behaviour = healthy;
  await origin.up();
  await pass(later, INTERVAL_SECONDS * 1000, second);
  assert.equal((await second.get("/v1/secrets")).status, 200);
});

it("a restart after the TTL, with the origin down, does not bring the secrets back", async (t) => {
  const { origin, clock } = await world(t);
  const cachePath = await temporaryDirectory(t);
  const options = { origin, clock, cachePath, env: ENV };
  const first = await InProcessAgent.start(t, options);
  await first.stop();
  await origin.down();
  await clock.advance(TTL_SECONDS * 1000);
  const second = await InProcessAgent.start(t, options);
  const { status, body } = await second.get("/v1/secrets");
  assert.deepEqual([status, body], [503, '{"error":"Secrets not yet loaded"}']);
});

it("an agent that starts without its origin says 503 until it comes, and is ready within one poll", async (t) => {
  const { origin, clock } = await world(t);
  await origin.down();
  const agent = await InProcessAgent.start(t, { origin, clock, env: ENV });
  for (let minute = 0; minute < 3; minute++) {
    await pass(clock, 60_000, agent);
    const { status, body } = await agent.get("/v1/ready");
    assert.deepEqual([status, body], [503, '{"ready":false,"reason":"not_loaded"}']);
  }
  await origin.up();
  await pass(clock, INTERVAL_SECONDS * 1000, agent);
  assert.equal((await agent.get("/v1/ready")).status, 200);
});

it("an agent that never gets an artifact gives up at CLEF_AGENT_STARTUP_TIMEOUT and says why", async (t) => {
  const { origin, clock } = await world(t);
  await origin.down();
  const env = { ...ENV, CLEF_AGENT_STARTUP_TIMEOUT: "60" };
  const agent = await InProcessAgent.start(t, { origin, clock, env });
  const gaveUp: Error[] = [];
  void agent.failed.then((error) => gaveUp.push(error));
  await pass(clock, 59_000, agent);
  assert.equal(gaveUp.length, 0);
  await pass(clock, 1_000, agent);
  assert.match(gaveUp[0]?.message ?? "", /no artifact within 60 s .*cannot be reached/);
});

async function world(
  t: TestContext,
): Promise<{ readonly origin: Origin; readonly clock: FakeClock }> {
  const clock = new FakeClock();
  const origin = await Origin.start(t);
  origin.artifact = await pack({ signed: true, nowMs: clock.now().wallMs });
  return { origin, clock };
}
