import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { pass } from "../support/agent-in-process.ts";
import { type PackOptions, revocation } from "../support/artifacts.ts";
import { isBlank } from "../support/plaintext-watch.ts";
import { stuckClient } from "../support/stuck-client.ts";
import { eventually } from "../support/temporary.ts";
import {
  LARGE,
  largePayload,
  packed,
  VALUE,
  type Watched,
  watchedAgent,
} from "../support/watched-agent.ts";

const TTL_MS = 30_000;
const SECOND_MS = 1_000;
describe("plaintext is zeros within a second of the end of its time", () => {
  for (const asking of [false, true]) {
    const clients = asking ? "while clients keep asking" : "though nobody asks";

    it(`the TTL, ${clients}`, async (t) => {
      const { agent, clock, origin, watch } = await serving(t);
      await origin.down();
      await livesFor(TTL_MS, { agent, clock, watch, asking });
    });

    it(`expiresAt before the TTL, ${clients}`, async (t) => {
      const { agent, clock, origin, watch } = await serving(t, { ttlMs: 12_345 });
      await origin.down();
      await livesFor(12_345, { agent, clock, watch, asking });
    });

    it(`expiresAt, though the origin confirms the artifact again and again, ${clients}`, async (t) => {
      const { agent, clock, watch } = await serving(t, { ttlMs: 45_678 });
      await livesFor(45_678, { agent, clock, watch, asking });
    });
  }

  it("the TTL, counted by the wall clock while the machine sleeps", async (t) => {
    const { clock, origin, watch } = await serving(t);
    await origin.down();
    clock.suspend(TTL_MS);
    await clock.advance(SECOND_MS);
    assert.equal(watch.holding(VALUE), 0);
  });

  it("the TTL, counted by the monotonic clock while the wall clock is set back", async (t) => {
    const { clock, origin, watch } = await serving(t);
    await origin.down();
    clock.jumpWall(-3_600_000);
    await clock.advance(TTL_MS + SECOND_MS);
    assert.equal(watch.holding(VALUE), 0);
  });

  for (const path of ["/v1/secrets", "/v1/secrets?format=flat", "/v1/secrets/app/KEY"]) {
    it(`the TTL, though a client asked for ${path} and does not read the answer`, async (t) => {
      const { agent, clock, origin, watch } = await serving(t, { payload: largePayload() });
      const client = await stuckClient(agent.port, [path]);
      await origin.down();
      await clock.advance(TTL_MS + SECOND_MS);
      await eventually("zeros", () => watch.holding(VALUE) === 0, 1_000);
      const got = await restOf(client);
      assert.ok(got.length < LARGE.length, "the client is cut off");
      assert.ok(!got.includes(0), "and is sent no zeros in place of secrets");
    });
  }
});

describe("plaintext is zeros at once", () => {
  it("when the artifact is revoked", async (t) => {
    const { agent, clock, origin, watch } = await serving(t);
    origin.artifact = revocation(clock.now().wallMs);
    agent.refresh();
    await agent.idle();
    assert.equal(watch.holding(VALUE), 0);
  });

  it("when another revision takes its place", async (t) => {
    const { agent, clock, origin, watch } = await serving(t);
    await agent.get("/v1/secrets?format=flat");
    const made = watch.of(VALUE);
    assert.equal(made.length, 2);
    origin.artifact = await packed(clock);
    agent.refresh();
    await agent.idle();
    assert.ok(made.every(isBlank));
    assert.equal(watch.holding(VALUE), 1, "the new one");
  });

  it("when the agent stops", async (t) => {
    const { agent, watch } = await serving(t);
    await agent.stop();
    assert.equal(watch.holding(VALUE), 0);
  });

  it("when a single value was sent", async (t) => {
    const { agent, watch } = await serving(t);
    assert.equal((await agent.get("/v1/secrets/KEY")).status, 200);
    await eventually("one copy", () => watch.holding(VALUE) === 1, 1_000);
  });

  it("when the client of a pipelined request is gone before its turn came", async (t) => {
    const { agent, watch } = await serving(t, { payload: largePayload() });
    const paths = ["/v1/secrets", "/v1/secrets/app/SHORT", "/v1/secrets/app/SHORT"];
    const client = await stuckClient(agent.port, paths);
    await eventually("the values wait", () => watch.holding(VALUE) === 3);
    client.destroy();
    await eventually("the values are zeros", () => watch.holding(VALUE) === 1);
  });

  it("when the payload is refused", async (t) => {
    const { agent, clock, origin, watch } = await serving(t);
    origin.artifact = await packed(clock, { payload: `{"KEY":["other ${VALUE}"]}` });
    agent.refresh();
    await agent.idle();
    assert.equal(watch.holding(`other ${VALUE}`), 0);
    assert.equal(watch.holding(VALUE), 1);
  });
});

/** An agent that serves `VALUE`, with one copy of it in memory. */
async function serving(t: TestContext, options: PackOptions = {}): Promise<Watched> {
  const watched = await watchedAgent(t, options);
  assert.equal(watched.watch.holding(VALUE), 1);
  return watched;
}

async function livesFor(
  ms: number,
  {
    agent,
    clock,
    watch,
    asking,
  }: Pick<Watched, "agent" | "clock" | "watch"> & { readonly asking: boolean },
): Promise<void> {
  const endsAt = clock.now().wallMs + ms;
  const live = async (untilMs: number): Promise<void> => {
    while (clock.now().wallMs < untilMs) {
      if (asking) await agent.get("/v1/secrets");
      await pass(clock, Math.min(250, untilMs - clock.now().wallMs), agent);
    }
  };
  await live(endsAt - 1);
  assert.equal((await agent.get("/v1/secrets")).status, 200, "served to its end");
  assert.equal(watch.holding(VALUE), 1);
  await live(endsAt + SECOND_MS);
  assert.equal(watch.holding(VALUE), 0, "zeros a second later");
}

/** What the client finds when it reads on to the end. */
async function restOf(client: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  client.removeAllListeners("readable");
  client.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(client, "close");
  return Buffer.concat(chunks);
}
