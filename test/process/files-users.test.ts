import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AGENT_COMMAND, AgentProcess, type CommandLine } from "../support/agent-process.ts";
import { pack, revocation } from "../support/artifacts.ts";
import { namesIn, visible } from "../support/files.ts";
import { type FilesPlace, filesPlace } from "../support/files-place.ts";
import { eventually } from "../support/temporary.ts";

const USER = 64_001;
const GROUP = 64_002;
const OTHER = 64_003;
const skip =
  process.platform !== "linux" || process.getuid?.() !== 0
    ? "only root can be another user"
    : false;

/** The agent as another user of one group, without any right of root's. */
const AS_USER: CommandLine = [
  "setpriv",
  `--reuid=${USER}`,
  `--regid=${GROUP}`,
  "--clear-groups",
  "--bounding-set=-all",
  ...AGENT_COMMAND,
];

async function placeOf(context: TestContext, uid: number, gid: number, mode: number) {
  const at = await filesPlace(context);
  chmodSync(join(at.source, ".."), 0o755);
  chownSync(at.directory, uid, gid);
  chmodSync(at.directory, mode);
  return at;
}

/** An agent that wrote one set over another. */
async function written(context: TestContext, at: FilesPlace): Promise<AgentProcess> {
  at.put(await pack({ secrets: { A: "1", app: { B: "2" } } }));
  const agent = AgentProcess.start(context, at.env, ["run"], AS_USER);
  await agent.ready();
  assert.equal(visible(at.directory)["app/B"], "2");
  at.put(await pack({ secrets: { A: "3", app: { C: "4" } } }));
  await eventually("the new set", () => visible(at.directory)["A"] === "3");
  assert.equal(visible(at.directory)["app/C"], "4");
  return agent;
}

describe("an agent that is not root", { skip, concurrency: true }, () => {
  test("writes and removes files as the owner of the directory", async (context) => {
    const at = await placeOf(context, USER, GROUP, 0o700);
    const agent = await written(context, at);
    assert.equal(statSync(join(at.directory, "A")).uid, USER);
    at.put(revocation());
    await eventually("gone", () => !namesIn(at.directory).includes("A"));
    await agent.stop();
    assert.deepEqual(namesIn(at.directory), []);
    assert.ok(!agent.log.some(({ level }) => level === "error"));
  });

  test("does so where it may only write, as in an emptyDir and in a directory that keeps others from its files", async (context) => {
    for (const mode of [0o777, 0o1777]) {
      const at = await placeOf(context, 0, GROUP, mode);
      writeFileSync(join(at.directory, "of-root"), "x", { mode: 0o600 });
      const agent = await written(context, at);
      await agent.stop();
      assert.deepEqual(namesIn(at.directory), ["of-root"]);
    }
  });

  test("warns once of a group that it cannot give, and of nothing with one that it can", async (context) => {
    const foreign = await placeOf(context, USER, OTHER, 0o770);
    const agent = await written(context, foreign);
    const warnings = agent.log.filter(({ message }) => String(message).includes("the group of"));
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0]?.["message"]), /CLEF_AGENT_FILES_DIR \(EPERM\)/);
    assert.equal(statSync(join(foreign.directory, "A")).gid, GROUP);
    await agent.stop();
    // As kubelet makes a volume with an fsGroup: setgid, so that all in it has its group.
    const setgid = await placeOf(context, 0, OTHER, 0o2777);
    const quiet = await written(context, setgid);
    assert.equal(statSync(join(setgid.directory, "app/C")).gid, OTHER);
    assert.ok(!quiet.log.some(({ level }) => level === "warn"), quiet.stderr);
    await quiet.stop();
  });

  test("is refused a directory where it may not write, and what another user left stays with a warning", async (context) => {
    const closed = await placeOf(context, 0, 0, 0o755);
    closed.put(await pack());
    const refused = AgentProcess.start(context, closed.env, ["run"], AS_USER);
    assert.equal((await refused.ended()).code, 1);
    const line = refused.log.find(({ code }) => code === "files_failed");
    assert.match(String(line?.["message"]), /EACCES.*needs the right to read, write and enter/);

    const stray = await placeOf(context, 0, 0, 0o777);
    const old = join(stray.directory, "..clef-00000000000000aa");
    mkdirSync(old, { mode: 0o700 });
    writeFileSync(join(old, "A"), "old");
    const agent = await written(context, stray);
    assert.ok(
      agent.log.some(({ message }) => String(message).includes('"..clef-00000000000000aa"')),
    );
    assert.equal(readFileSync(join(old, "A"), "utf8"), "old");
  });
});

describe("a real tmpfs that is full", { skip }, () => {
  test("leaves the old set, and takes the new one when there is room", async (context) => {
    const at = await filesPlace(context);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", at.directory]);
    if (mounted.status !== 0) {
      context.skip("a tmpfs cannot be mounted here");
      return;
    }
    try {
      await fillUp(context, at);
    } finally {
      // Lazily, as the agent of a test that failed may still hold it.
      spawnSync("umount", ["--lazy", at.directory]);
    }
  });
});

async function fillUp(context: TestContext, at: FilesPlace): Promise<void> {
  at.put(await pack({ secrets: { A: "1", BIG: "x".repeat(30_000) } }));
  const agent = AgentProcess.start(context, at.env);
  await agent.ready();
  at.put(await pack({ secrets: { A: "2", BIG: "x".repeat(60_000), MORE: "y".repeat(60_000) } }));
  const line = await agent.logged("full", ({ event }) => event === "files.failed");
  assert.equal(line["code"], "files_full");
  assert.match(String(line["error"]), /is full, so the old files stay/);
  assert.equal(visible(at.directory)["A"], "1");
  assert.equal(visible(at.directory)["BIG"], "x".repeat(30_000));
  // Nothing half written is left: one revision, its record, the lock, the links.
  assert.equal(namesIn(at.directory).filter((name) => name.startsWith("..")).length, 4);
  const body = JSON.parse((await agent.get("/v1/health")).body) as Record<string, unknown>;
  assert.deepEqual(body["files"], { state: "failed", code: "files_full" });
  spawnSync("mount", ["-o", "remount,size=512k", at.directory]);
  await eventually("the new set", () => visible(at.directory)["A"] === "2");
  await agent.stop();
  assert.deepEqual(namesIn(at.directory), []);
}
