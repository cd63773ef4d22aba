import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { ConnectOptions } from "../../../src/client/index.ts";
import { requestsTo } from "../../../src/client/requests.ts";
import { settingsOf } from "../../../src/client/settings.ts";
import { AttachedFeed } from "../../../src/exec/attached-feed.ts";
import type { SecretsChange } from "../../../src/exec/secrets-feed.ts";
import { EXEC_LOOK_AGAIN_MS } from "../../../src/limits.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { recordingLog, type RecordingLog } from "../../support/recording-log.ts";
import { json, type Script, ScriptedAgent, unavailable } from "../../support/scripted-agent.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const SECRETS = json(200, { app: { KEY: "one" } });
const NO_AGENT = json(200, ["no", "agent"]);
const REFUSED = json(401, { error: "Unauthorized" });

interface World extends RecordingLog {
  readonly feed: AttachedFeed;
  readonly clock: FakeClock;
  readonly changes: readonly SecretsChange[];
  readonly agent: ScriptedAgent;
  /** Messages of what was refused for good. */
  readonly refused: readonly string[];
}

async function world(
  t: TestContext,
  scripts: readonly Script[],
  token: Pick<ConnectOptions, "token" | "tokenFile"> = {},
): Promise<World> {
  const agent = await ScriptedAgent.start(t, ...scripts);
  const clock = new FakeClock();
  const recording = recordingLog();
  const requests = requestsTo(settingsOf({ url: agent.url, env: {}, ...token }));
  const refused: string[] = [];
  const onRefused = ({ message }: Error): void => void refused.push(message);
  const feed = new AttachedFeed({ requests, clock, log: recording.log, onRefused });
  t.after(() => feed.stop());
  const changes: SecretsChange[] = [];
  feed.subscribe((change) => changes.push(change));
  return { ...recording, feed, clock, changes, agent, refused };
}

describe("the secrets of an agent that runs already", () => {
  test("are looked at as they were packed", async (t) => {
    const { feed } = await world(t, [SECRETS]);
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
      const { feed } = await world(t, [unavailable(said)]);
      assert.deepEqual(await feed.use(() => 1), { kind: "unavailable", reason });
    });
  }

  test("are looked at again soon where something else answers in its place, which stops nothing", async (t) => {
    const it = await world(t, [NO_AGENT]);
    const { feed, clock, changes } = it;
    assert.deepEqual(await feed.use(() => 1), { kind: "unavailable", reason: "not_loaded" });
    assert.match(it.messages("warn").join(), /no agent/);
    assert.deepEqual(changes, []);
    await clock.advance(EXEC_LOOK_AGAIN_MS);
    assert.deepEqual(changes, [{ kind: "serving" }]);
  });

  test("are served by an agent alone: what else answers is asked again after a pause", async (t) => {
    const { feed, agent, clock, changes } = await world(t, [NO_AGENT, SECRETS]);
    void feed.follow();
    await eventually("it told", () => feed.trouble !== undefined);
    // Longer than the client waits before it asks about changes.
    await delay(300);
    assert.equal(agent.asked.length, 1);
    assert.equal(feed.served, false);
    assert.deepEqual(changes, []);
    await clock.advance(EXEC_LOOK_AGAIN_MS);
    await eventually("it serves", () => feed.served);
    assert.equal(feed.trouble, undefined);
  });

  test("are given up where their agent refuses the only token there is", async (t) => {
    const { feed, refused } = await world(t, [REFUSED], { token: "t" });
    await feed.follow();
    assert.match(refused.join(), /401/);
  });

  test("are waited for where the file of the token is not there yet", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    const { feed, clock, refused } = await world(t, [SECRETS], { tokenFile });
    const following = feed.follow();
    // As long as the client has patience with a file.
    await Promise.race([following, delay(6_000)]);
    assert.deepEqual(refused, []);
    assert.match(feed.trouble ?? "", /CLEF_AGENT_TOKEN_FILE/);
    await writeFile(tokenFile, "t");
    await clock.advance(EXEC_LOOK_AGAIN_MS);
    await eventually("it serves", () => feed.served);
  });
});
