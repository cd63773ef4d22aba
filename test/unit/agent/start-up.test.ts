import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { StartUp, startupTimeout } from "../../../src/agent/start-up.ts";
import { AgentError } from "../../../src/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { newChanges, REVOKED, SERVING } from "../../support/changes.ts";

describe("the start", () => {
  test("is over when its time is, without an answer that stands", async () => {
    const clock = new FakeClock();
    const startUp = new StartUp(newChanges());
    let over = 0;
    startUp.limit(clock, 60_000, () => over++);
    await clock.advance(59_999);
    assert.equal(over, 0);
    await clock.advance(1);
    assert.equal(over, 1);
  });

  for (const [name, answer] of [
    ["secrets", SERVING],
    ["that they were revoked", REVOKED],
  ] as const) {
    test(`has no limit any more once readers are told ${name}`, async () => {
      const clock = new FakeClock();
      const changes = newChanges();
      const startUp = new StartUp(changes);
      startUp.limit(clock, 60_000, () => assert.fail("it was not waited for"));
      changes.publish(answer);
      assert.equal(await startUp.loaded, "loaded");
      await clock.advance(120_000);
    });
  }

  test("waits for ever where no limit is set", async () => {
    const clock = new FakeClock();
    new StartUp(newChanges()).limit(clock, 0, () => assert.fail("there is no limit"));
    await clock.advance(1e9);
  });

  test("goes on beside an artifact that is past its expiry", async () => {
    const clock = new FakeClock();
    const changes = newChanges();
    let over = 0;
    new StartUp(changes).limit(clock, 60_000, () => over++);
    changes.publish({
      kind: "ended",
      reason: "artifact_expired",
      expiresAt: "2026-01-01T00:00:00Z",
    });
    await clock.advance(60_000);
    assert.equal(over, 1);
  });

  test("that fails says for how long it was tried, where to change that, and what was wrong last", () => {
    const failure = new AgentError("source_not_found", "/x does not exist");
    assert.match(
      startupTimeout(60_000, { underWayMs: undefined, failure }).message,
      /within 60 s \(CLEF_AGENT_STARTUP_TIMEOUT\); the last attempt: \/x does not exist$/,
    );
    const none = { underWayMs: undefined, failure: undefined };
    assert.match(startupTimeout(30_000, none).message, /no answer yet/);
  });

  test("tells an attempt that is under way from the one that failed before it", () => {
    const failure = new AgentError("source_not_found", "/x does not exist");
    const { message } = startupTimeout(60_000, { underWayMs: 1_960, failure });
    const underWay = "the last attempt: no answer yet, after 2.0 s, from the source or its KMS";
    assert.ok(message.endsWith(`; ${underWay}; the one before it: /x does not exist`), message);
    const first = startupTimeout(60_000, { underWayMs: 1_960, failure: undefined });
    assert.ok(first.message.endsWith(`; ${underWay}`), first.message);
  });
});
