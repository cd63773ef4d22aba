import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY } from "../support/artifacts.ts";
import { readyAfter } from "../support/late-origin.ts";
import { hanging, Origin } from "../support/origin.ts";

describe("in the start-up", { concurrency: true }, () => {
  test("agents are ready within 6 s of an origin that comes late, and of one that comes at the last moment", async (t) => {
    const waits = await Promise.all([
      readyAfter(t, { startUpSeconds: 15, comesAfterMs: 2_000 + Math.random() * 3_000 }),
      readyAfter(t, { startUpSeconds: 8, comesAfterMs: 5_500 }),
    ]);
    for (const ms of waits) assert.ok(ms < 6_000, `${waits.map(Math.round).join(", ")} ms`);
  });

  test("the last error line is about the attempt that is under way first, and about the one before it after that", async (t) => {
    const origin = await Origin.start(t);
    origin.behaviour = hanging;
    await origin.down();
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_STARTUP_TIMEOUT: "4",
    });
    await agent.logged("a refused connection", ({ code }) => code === "source_unreachable");
    await origin.up();
    assert.deepEqual(await agent.ended(), { code: 1, signal: null });
    const last = agent.log.find(({ code }) => code === "startup_timeout");
    assert.match(
      String(last?.["message"]),
      /; the last attempt: no answer yet, after \d\.\d s, from .*; the one before it: http:\/\/127\.0\.0\.1:\d+\/artifact\.json /,
    );
  });
});
