import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { pack } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { type FilesPlace, filesPlace } from "../support/files-place.ts";
import { borrowedTime, LIBFAKETIME } from "../support/borrowed-time.ts";
import { eventually } from "../support/temporary.ts";

const skip = LIBFAKETIME === undefined && "libfaketime (apt-get install faketime) is missing";
const TTL = 300;

/** A set that an agent left which was killed; its source is gone. */
async function left(context: TestContext, ttlMs?: number): Promise<FilesPlace> {
  const at = await filesPlace(context);
  at.put(await pack({ secrets: { A: "1" }, ...(ttlMs === undefined ? {} : { ttlMs }) }));
  const agent = AgentProcess.start(context, at.env);
  await agent.ready();
  agent.child.kill("SIGKILL");
  await once(agent.child, "exit");
  renameSync(at.source, `${at.source}.away`);
  return at;
}

/** An agent on a clock so many seconds ahead, which the test sets; its first look at the files is over. */
async function later(context: TestContext, at: FilesPlace, seconds: number) {
  const time = await borrowedTime(context);
  await time.goesOn(seconds);
  const env = { ...at.env, ...time.env, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
  const agent = AgentProcess.start(context, env);
  await agent.port();
  return { agent, goesOn: time.goesOn };
}

/** Why the files were removed, once they are gone. */
async function removal(agent: AgentProcess, at: FilesPlace): Promise<unknown> {
  await eventually("the end", () => !namesIn(at.directory).includes("A"));
  return (await agent.logged("why", ({ event }) => event === "files.removed"))["reason"];
}

describe("an agent that is started again, by the clock alone", { skip, concurrency: true }, () => {
  for (const [what, ttlMs, reason] of [
    ["the TTL", undefined, "cache_expired"],
    ["expiresAt", 200_000, "artifact_expired"],
  ] as const) {
    test(`keeps what was left until ${what} is over`, async (context) => {
      const at = await left(context, ttlMs);
      const { agent, goesOn } = await later(context, at, 100);
      assert.deepEqual(visible(at.directory), { A: "1" });
      await goesOn(TTL);
      assert.equal(await removal(agent, at), reason);
    });
  }

  test("has removed it before the first fetch where the TTL was over, or expiresAt, or the clock was set back", async (context) => {
    for (const [ttlMs, seconds, reason] of [
      [undefined, TTL + 1, "cache_expired"],
      [60_000, 61, "artifact_expired"],
      [undefined, -3_600, "unknown_age"],
    ] as const) {
      const at = await left(context, ttlMs);
      const { agent } = await later(context, at, seconds);
      assert.deepEqual(visible(at.directory), {});
      const events = agent.log.flatMap(({ event, reason: why }) =>
        event === "files.removed" ? [why] : event === "fetch.failed" ? [event] : [],
      );
      assert.equal(events[0], reason);
    }
  });

  test("lets nothing stay for a forged record", async (context) => {
    const at = await left(context, 60_000);
    const path = join(at.directory, `${readlinkSync(join(at.directory, "..data"))}.record`);
    const record = readFileSync(path, "utf8");
    const forged = record.replace(/"expiresAtMs":\d+/, `"expiresAtMs":${Date.now() + 9e9}`);
    assert.notEqual(forged, record);
    writeFileSync(path, forged);
    const { agent } = await later(context, at, 1);
    assert.deepEqual(visible(at.directory), {});
    assert.equal(await removal(agent, at), "unknown_age");
  });
});
