import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_WAITING_REQUESTS } from "../../../src/limits.ts";
import { type Wait, WaitingRequests } from "../../../src/server/waiting-requests.ts";
import { newChanges, SERVING } from "../../support/changes.ts";
import { FakeClock } from "../../support/fake-clock.ts";

interface Opened {
  readonly clock: FakeClock;
  readonly changes: ReturnType<typeof newChanges>;
  readonly stop: AbortController;
  readonly waiting: WaitingRequests;
}

function opened(): Opened {
  const clock = new FakeClock();
  const changes = newChanges();
  const stop = new AbortController();
  const waiting = new WaitingRequests({ feed: changes, clock, signal: stop.signal });
  return { clock, changes, stop, waiting };
}

async function why(held: Held): Promise<string | undefined> {
  const waited = await held;
  return typeof waited === "object" ? waited.why : waited;
}

type Held = ReturnType<WaitingRequests["hold"]> | undefined;

const WAIT: Wait = { ms: 1_000, stillMatches: () => false, onGone: () => () => undefined };

describe("a request that waits", () => {
  test("is answered when something else is served", async () => {
    const { changes, waiting } = opened();
    const held = waiting.hold(WAIT);
    changes.publish(SERVING);
    assert.equal(await why(held), "changed");
  });

  test("goes on while what its client has is still what is served", async () => {
    const { clock, changes, waiting } = opened();
    const held = waiting.hold({ ...WAIT, stillMatches: () => true });
    changes.publish(SERVING);
    changes.publish({ kind: "renewed" });
    await clock.advance(1_000);
    assert.deepEqual(await held, { why: "timed_out", ms: 1_000 });
  });

  for (const ended of [
    { kind: "ended", reason: "revoked", revokedAt: "2026-01-01T00:00:00Z" },
    { kind: "ended", reason: "artifact_expired", expiresAt: "2026-01-01T00:00:00Z" },
    { kind: "ended", reason: "cache_expired", ttlMs: 30_000, diskCachePurged: false },
  ] as const) {
    test(`is answered at once when nothing is served any more, with the reason ${ended.reason}`, async () => {
      const { changes, waiting } = opened();
      const held = waiting.hold({ ...WAIT, stillMatches: () => true });
      changes.publish(ended);
      assert.equal(await why(held), ended.reason);
    });
  }

  test("frees its place when its client hangs up", async () => {
    const { waiting } = opened();
    const listeners: (() => void)[] = [];
    const onGone: Wait["onGone"] = (listener) => {
      listeners.push(listener);
      return () => undefined;
    };
    const held = Array.from({ length: MAX_WAITING_REQUESTS }, () =>
      waiting.hold({ ...WAIT, onGone }),
    );
    assert.equal(waiting.hold(WAIT), "full");
    listeners[0]?.();
    assert.equal(await why(held[0]), "gone");
    assert.notEqual(waiting.hold(WAIT), "full");
  });

  test("is answered when the agent stops, and none is held any more", async () => {
    const { stop, waiting } = opened();
    const held = waiting.hold(WAIT);
    stop.abort();
    assert.equal(await why(held), "stopped");
    assert.equal(await why(waiting.hold(WAIT)), "stopped");
  });

  test("listens to its client no longer than it waits", async () => {
    const { changes, waiting } = opened();
    let listening = 0;
    const onGone: Wait["onGone"] = () => {
      listening++;
      return () => listening--;
    };
    const held = waiting.hold({ ...WAIT, onGone });
    assert.equal(listening, 1);
    changes.publish(SERVING);
    await held;
    assert.equal(listening, 0);
  });
});
