import assert from "node:assert/strict";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pack } from "../../support/artifacts.ts";
import {
  FORKING,
  NODE_PROGRAM,
  PYTHON_PROGRAM,
  SHELL_SCRIPT,
  STUBBORN,
} from "../../support/exec/commands.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { childrenOf, isAlive } from "../../support/exec/processes.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

describe("a change of what was handed over", { concurrency: 3 }, () => {
  for (const [what, command, code] of [
    ["a shell script", SHELL_SCRIPT, 43],
    ["a Node.js program", NODE_PROGRAM, 42],
    ["a Python program", PYTHON_PROGRAM, 143],
  ] as const) {
    test(`restarts ${what}, after it has ended`, async (t) => {
      const exec = await ExecAgent.start(t, command);
      await exec.prints("ready one");
      await exec.repack({ KEY: "two" });
      await exec.prints("ready two");
      const event = await exec.event("command.restarted");
      assert.equal(event["exitCode"], code);
      assert.equal(event["reason"], "secrets_changed");
      exec.agent.child.kill("SIGTERM");
      assert.equal(await exec.code(), code);
    });
  }

  test("restarts it once for several secrets, added, changed and removed", async (t) => {
    const exec = await ExecAgent.start(t, ["sh", "-c", 'echo "ready $A$B$C"; exec sleep 60'], {
      secrets: { A: "1", B: "2" },
    });
    await exec.prints("ready 12");
    await exec.repack({ A: "x", C: "3" });
    await exec.prints("ready x3");
    await exec.event("command.restarted");
    assert.equal(exec.log.filter(({ event }) => event === "command.restarted").length, 1);
  });

  test("does not restart it where an artifact only was packed again", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT);
    await exec.prints("ready one");
    await exec.publish(await pack({ payload: String.raw`{ "KEY" : "\u006fne" }` }));
    await eventually(
      "the new artifact",
      () => exec.log.filter(({ event }) => event === "artifact.refreshed").length === 2,
    );
    await exec.repack({ KEY: "two" });
    await exec.prints("ready two");
    assert.equal(exec.printed.split("ready").length - 1, 2);
  });

  test("of a secret that is not chosen does nothing", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT, {
      secrets: { KEY: "one", OTHER: "1" },
      options: ["--only", "K*"],
    });
    await exec.prints("ready one");
    await exec.repack({ KEY: "one", OTHER: "2" });
    await eventually(
      "the new artifact",
      () => exec.log.filter(({ event }) => event === "artifact.refreshed").length === 2,
    );
    await exec.repack({ KEY: "two", OTHER: "2" });
    await exec.prints("ready two");
    assert.equal(exec.printed.split("ready").length - 1, 2);
  });

  test("kills what does not end in time, and starts the new one only then", async (t) => {
    const exec = await ExecAgent.start(t, STUBBORN, { options: ["--stop-timeout", "1s"] });
    await exec.prints("ready one");
    const [, pid] = /ready one (\d+)/.exec(exec.printed) ?? [];
    await exec.repack({ KEY: "two" });
    await exec.prints("ready two");
    assert.equal(await isAlive(Number(pid)), false);
    assert.equal((await exec.event("command.restarted"))["exitCode"], 137);
  });

  test("ends what the command has forked too, before it starts it again", async (t) => {
    const exec = await ExecAgent.start(t, FORKING, { options: ["--stop-timeout", "1s"] });
    await exec.prints("forked");
    await exec.prints("ready one");
    const [, pid] = /forked (\d+)/.exec(exec.printed) ?? [];
    assert.equal(await isAlive(Number(pid)), true);
    await exec.repack({ KEY: "two" });
    await exec.prints("ready two");
    assert.equal(await isAlive(Number(pid)), false);
  });

  test("stops it by the signal of --stop-signal", async (t) => {
    const exec = await ExecAgent.start(
      t,
      ["sh", "-c", `trap 'echo by INT; exit' INT; echo "ready $KEY"; while :; do sleep 0.05; done`],
      { options: ["--stop-signal", "INT"] },
    );
    await exec.prints("ready one");
    await exec.repack({ KEY: "two" });
    await exec.prints("by INT");
    await exec.prints("ready two");
  });

  test("sends the signal of --on-change instead, once a change", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT, { options: ["--on-change", "signal:HUP"] });
    await exec.prints("ready one");
    await exec.repack({ KEY: "two" });
    await exec.prints("got HUP");
    await exec.repack({ KEY: "three" });
    await exec.prints("got HUP", 2);
    exec.agent.child.kill("SIGTERM");
    assert.equal(await exec.code(), 43);
    assert.equal(exec.printed.split("ready").length - 1, 1);
  });

  test("is passed over with --on-change ignore, and the log says so", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT, { options: ["--on-change", "ignore"] });
    await exec.prints("ready one");
    await exec.repack({ KEY: "two" });
    await exec.logged("that it was ignored", ({ message }) =>
      String(message).includes("--on-change ignore"),
    );
    assert.equal(exec.printed.split("ready").length - 1, 1);
  });

  test("counts with --no-env too, though nothing is handed over", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT, { options: ["--no-env"] });
    await exec.prints("ready \n");
    await exec.repack({ KEY: "two" });
    await exec.prints("ready \n", 2);
  });

  test("is not acted on at once with --splay", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT, { options: ["--splay", "365d"] });
    await exec.prints("ready one");
    await exec.repack({ KEY: "two" });
    await eventually(
      "the new artifact",
      () => exec.log.filter(({ event }) => event === "artifact.refreshed").length === 2,
    );
    exec.agent.child.kill("SIGHUP");
    await exec.prints("got HUP");
    assert.doesNotMatch(exec.printed, /cleaned up|two/);
  });

  test("to what cannot be handed over leaves the command as it is, and the log says why", async (t) => {
    const exec = await ExecAgent.start(t, SHELL_SCRIPT);
    await exec.prints("ready one");
    await exec.repack({ KEY: "two", LD_PRELOAD: "/tmp/x.so" });
    const line = await exec.logged(
      "the refusal",
      ({ code }) => code === "environment_name_refused",
    );
    assert.match(String(line["message"]), /^the command goes on with what it has: "LD_PRELOAD"/);
    await exec.repack({ KEY: "three" });
    await exec.prints("ready three");
    assert.doesNotMatch(exec.printed, /two/);
  });

  test("to a set without what --map names is a warning, and the rest is handed over", async (t) => {
    const exec = await ExecAgent.start(t, ["sh", "-c", 'echo "ready $KEY $MINE."; exec sleep 60'], {
      secrets: { KEY: "one", OTHER: "1" },
      options: ["--map", "OTHER=MINE"],
    });
    await exec.prints("ready one 1.");
    await exec.repack({ KEY: "two" });
    await exec.prints("ready two .");
    await exec.logged("the warning", ({ code }) => code === "secret_not_found");
  });
});

describe("a command that cannot be started again", { concurrency: 2 }, () => {
  for (const [what, code, spoil] of [
    ["is gone", 127, rm],
    ["may not be run any more", 126, (path: string) => chmod(path, 0o644)],
  ] as const) {
    test(`because it ${what} ends the agent with ${code}`, async (t) => {
      const program = join(await temporaryDirectory(t), "program");
      await writeFile(program, '#!/bin/sh\necho "ready $KEY"; exec sleep 60\n', { mode: 0o755 });
      const exec = await ExecAgent.start(t, [program]);
      await exec.prints("ready one");
      await spoil(program);
      await exec.repack({ KEY: "two" });
      assert.equal(await exec.code(), code);
    });
  }
});

test("between the end of one command and the start of the next, a signal ends the agent with the code of the one that ended", async (t) => {
  const script = "trap 'sleep 1; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
  const exec = await ExecAgent.start(t, ["sh", "-c", script]);
  await exec.prints("ready");
  // It has expired by the time that the old command is gone.
  await exec.repack({ KEY: "two" }, { ttlMs: 900 });
  await exec.event("artifact.expired");
  await eventually("no command", async () => (await childrenOf(exec.pid)).length === 0);
  assert.equal(exec.agent.exit, undefined);
  exec.agent.child.kill("SIGTERM");
  assert.equal(await exec.code(), 9);
  assert.equal(exec.printed, "ready\n");
});
