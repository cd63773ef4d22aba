import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { requestsTo } from "../../../src/client/requests.ts";
import { settingsOf } from "../../../src/client/settings.ts";
import { AttachedFeed } from "../../../src/exec/attached-feed.ts";
import type { SecretsChange } from "../../../src/exec/secrets-feed.ts";
import { EXEC_LOOK_AGAIN_MS } from "../../../src/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { recordingLog, type RecordingLog } from "../../support/recording-log.ts";
import { json, type Script, ScriptedAgent, unavailable } from "../../support/scripted-agent.ts";

interface World extends RecordingLog {
  readonly feed: AttachedFeed;
  readonly clock: FakeClock;
  readonly changes: readonly SecretsChange[];
}

async function world(t: TestContext, ...scripts: readonly Script[]): Promise<World> {
  const { url } = await ScriptedAgent.start(t, ...scripts);
  const clock = new FakeClock();
  const recording = recordingLog();
  const requests = requestsTo(settingsOf({ url, env: {} }));
  const onRefused = (): void => assert.fail("nothing was refused");
  const feed = new AttachedFeed({ requests, clock, log: recording.log, onRefused });
  t.after(() => feed.stop());
  const changes: SecretsChange[] = [];
  feed.subscribe((change) => changes.push(change));
  return { ...recording, feed, clock, changes };
}

describe("the secrets of an agent that runs already", () => {
  test("are looked at as they were packed", async (t) => {
    const { feed } = await world(t, json(200, { app: { KEY: "one" } }));
    const used = await feed.use(({ index }) => index.entries.map(({ name }) => name));
    assert.deepEqual(used, { kind: "used", value: ["app__KEY"] });
  });

  for (const [said, reason] of [
    ["Artifact revoked", "revoked"],
    ["Secrets expired", "cache_expired"],
    ["Refresh failed", "refresh_failed"],
    ["Decryption failed", "decryption_failed"],
  ] as const) {
    test(`are unavailable for the reason ${reason} where it says "${said}"`, async (t) => {
      const { feed } = await world(t, unavailable(said));
      assert.deepEqual(await feed.use(() => 1), { kind: "unavailable", reason });
    });
  }

  test("are looked at again soon where something else answers in its place, which stops nothing", async (t) => {
    const it = await world(t, json(200, ["no", "agent"]));
    const { feed, clock, changes } = it;
    assert.deepEqual(await feed.use(() => 1), { kind: "unavailable", reason: "not_loaded" });
    assert.match(it.messages("warn").join(), /no agent/);
    assert.deepEqual(changes, []);
    await clock.advance(EXEC_LOOK_AGAIN_MS);
    assert.deepEqual(changes, [{ kind: "serving" }]);
  });
});
