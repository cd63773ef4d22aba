import assert from "node:assert/strict";
import { test } from "node:test";
import { EXEC_LOOK_AGAIN_MS } from "../../../src/limits.ts";
import { Supervised } from "../../support/exec/supervised.ts";

const LASTING = 'echo "started $KEY" >> "$NOTES"; exec sleep 60';
/** Notes each signal, and goes on. */
const LISTENING = `trap 'echo "told" >> "$NOTES"' HUP
  trap 'echo "asked" >> "$NOTES"' USR2
  echo "started $KEY" >> "$NOTES"
  while :; do sleep 0.01; done`;
/** Ends with 9 when it is stopped, though not before the test lets it. */
const LINGERING = `trap 'until [ -e "$NOTES.go" ]; do sleep 0.01; done; exit 9' TERM; ${LISTENING}`;
const STUBBORN = `trap '' TERM; echo "started $KEY" >> "$NOTES"; while :; do sleep 0.01; done`;

test("a change is acted on after its part of --splay, and what comes meanwhile is one change", async (t) => {
  const world = await Supervised.start(t, LASTING, { splayMs: 3_600_000 }, 0.25);
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  world.serves({ KEY: "two" });
  await world.clock.advance(899_000);
  world.serves({ KEY: "three" });
  assert.deepEqual(await world.notes(), ["started one"]);
  await world.clock.advance(1_000);
  assert.deepEqual(await world.noted("started three"), ["started one", "started three"]);
});

test("a change that is taken back within --splay is none", async (t) => {
  const world = await Supervised.start(t, LISTENING, { splayMs: 10_000 });
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  world.serves({ KEY: "two" });
  await world.clock.advance(1_000);
  world.serves({ KEY: "one" });
  await world.clock.advance(20_000);
  world.exec.signal("SIGUSR2", "process");
  assert.deepEqual(await world.noted("asked"), ["started one", "asked"]);
});

test("the signal of --on-change comes once the files hold the new set, and one for all that changed until then", async (t) => {
  const settings = { onChange: { kind: "signal", signal: "SIGHUP" }, handsOver: false } as const;
  const world = await Supervised.start(t, LISTENING, settings);
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started ");
  const files = Promise.withResolvers<undefined>();
  world.delivered = () => files.promise;
  world.serves({ KEY: "two" });
  world.serves({ KEY: "three" });
  await world.clock.advance(60_000);
  world.exec.signal("SIGUSR2", "process");
  assert.deepEqual(await world.noted("asked"), ["started ", "asked"], "told before the files");
  files.resolve(undefined);
  await world.noted("told");
  world.exec.signal("SIGUSR2", "process");
  await world.noted("asked", 2);
  assert.deepEqual(await world.notes(), ["started ", "asked", "told", "asked"]);
});

test("a command is not started before the files hold the first set", async (t) => {
  const world = await Supervised.start(t, LASTING);
  const files = Promise.withResolvers<undefined>();
  world.delivered = () => files.promise;
  world.follow();
  world.serves({ KEY: "one" });
  await world.clock.advance(60_000);
  assert.deepEqual(world.told, []);
  files.resolve(undefined);
  await world.noted("started one");
});

test("what does not end within --stop-timeout is killed then, and not before", async (t) => {
  const world = await Supervised.start(t, STUBBORN, { stopTimeoutMs: 600_000 });
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  world.serves({ KEY: "two" });
  await world.clock.advance(599_000);
  assert.deepEqual(
    world.told.map(({ name }) => name),
    ["command.started"],
  );
  await world.clock.advance(1_000);
  await world.noted("started two");
  const [, restarted] = world.told;
  assert.ok(restarted?.name === "command.restarted");
  assert.equal(restarted.exitCode, 137);
});

test("what cannot be decrypted just now is looked at again, without a change", async (t) => {
  const world = await Supervised.start(t, LASTING);
  world.feed.withhold("decryption_failed");
  world.follow();
  await world.clock.advance(0);
  assert.match(world.recorded.messages("warn").join("\n"), /decryption_failed.*trying again/);
  world.feed.stage('{"KEY":"one"}');
  await world.clock.advance(EXEC_LOOK_AGAIN_MS);
  await world.noted("started one");
});

test("secrets that expire while the command is stopped to be restarted are waited for", async (t) => {
  const world = await Supervised.start(t, LINGERING, { stopTimeoutMs: 3_600_000 });
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  world.serves({ KEY: "two" });
  await world.clock.advance(0);
  world.feed.withhold("cache_expired");
  world.feed.tell({ kind: "ended", reason: "cache_expired" });
  await world.release();
  await world.commandGone();
  await world.clock.advance(600_000);
  assert.equal(world.told.length, 1);
  world.serves({ KEY: "three" });
  assert.deepEqual(await world.noted("started three"), ["started one", "started three"]);
});

test("the end of the command is told once, with its reason and code", async (t) => {
  const world = await Supervised.start(t, 'echo "started" >> "$NOTES"; exit 5');
  world.follow();
  world.serves({ KEY: "one" });
  assert.deepEqual(await world.exec.ended, { code: 5, reason: "exited" });
  const revision = '{"KEY":"one"}';
  assert.deepEqual(world.told, [
    { name: "command.started", revision, keyCount: 1 },
    { name: "command.stopped", reason: "exited", exitCode: 5 },
  ]);
});

test("with --no-env a change counts and nothing is handed over", async (t) => {
  const world = await Supervised.start(t, LASTING, { handsOver: false });
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started ");
  world.serves({ KEY: "two" });
  assert.deepEqual(await world.noted("started ", 2), ["started ", "started "]);
});

test("with --no-env, only what --only chooses counts as a change", async (t) => {
  const choice = { namespaces: [], only: ["DB_*"], maps: [], shellNames: false };
  const world = await Supervised.start(t, LISTENING, { handsOver: false, choice });
  world.follow();
  world.serves({ DB_URL: "1", OTHER: "1" });
  await world.noted("started ");
  world.serves({ DB_URL: "1", OTHER: "2" });
  await world.clock.advance(1_000);
  world.exec.signal("SIGUSR2", "process");
  await world.noted("asked");
  world.serves({ DB_URL: "2", OTHER: "2" });
  assert.deepEqual(await world.noted("started ", 2), ["started ", "asked", "started "]);
});

test("what changes while the old command is still ending becomes one change", async (t) => {
  const world = await Supervised.start(t, STUBBORN);
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  for (const KEY of ["two", "three", "four"]) {
    world.serves({ KEY });
    await world.clock.advance(1_000);
  }
  await world.clock.advance(10_000);
  assert.deepEqual(await world.noted("started four"), ["started one", "started four"]);
});

test("where nothing is served when the old command has ended, a signal ends it all with that one's code", async (t) => {
  const world = await Supervised.start(t, LINGERING);
  world.follow();
  world.serves({ KEY: "one" });
  await world.noted("started one");
  world.serves({ KEY: "two" });
  await world.clock.advance(0);
  world.feed.withhold("artifact_expired");
  await world.release();
  await world.commandGone();
  await world.clock.advance(60_000);
  world.exec.signal("SIGWINCH", "process");
  world.exec.signal("SIGTERM", "process");
  assert.deepEqual(await world.exec.ended, { code: 9, reason: "signal" });
});
