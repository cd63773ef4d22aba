import assert from "node:assert/strict";
import { test } from "node:test";
import { NODE_PROGRAM, PYTHON_PROGRAM, STUBBORN } from "../../support/exec/commands.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";

test("each signal goes to the command, each time it comes", async (t) => {
  const exec = await ExecAgent.start(t, NODE_PROGRAM);
  await exec.prints("ready one");
  const signals = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGUSR2",
    "SIGALRM",
    "SIGPWR",
    "SIGWINCH",
  ] as const;
  for (const times of [1, 2]) {
    for (const signal of signals) {
      exec.agent.child.kill(signal);
      await exec.prints(`got ${signal}`, times);
    }
  }
  exec.agent.child.kill("SIGTERM");
  assert.equal(await exec.code(), 42);
  assert.equal((await exec.event("command.stopped"))["exitCode"], 42);
});

test("SIGUSR1 goes to the command, and opens no inspector", async (t) => {
  const exec = await ExecAgent.start(t, PYTHON_PROGRAM);
  await exec.prints("ready one");
  exec.agent.child.kill("SIGUSR1");
  await exec.prints("got SIGUSR1");
  exec.agent.child.kill("SIGUSR1");
  await exec.prints("got SIGUSR1", 2);
  assert.doesNotMatch(exec.agent.stderr, /Debugger listening/);
  exec.agent.child.kill("SIGTERM");
  assert.equal(await exec.code(), 143);
});

test("SIGTERM waits for what the command cleans up, however long that takes", async (t) => {
  const exec = await ExecAgent.start(
    t,
    [
      "sh",
      "-c",
      "trap 'sleep 2; echo cleaned; exit 9' TERM; echo ready; while :; do sleep 0.05; done",
    ],
    { options: ["--stop-timeout", "0s"] },
  );
  await exec.prints("ready");
  exec.agent.child.kill("SIGTERM");
  exec.agent.child.kill("SIGTERM");
  assert.equal(await exec.code(), 9);
  assert.match(exec.printed, /cleaned/);
});

test("SIGTERM while the command is stopped to be restarted ends it for good", async (t) => {
  const exec = await ExecAgent.start(t, STUBBORN, { options: ["--stop-timeout", "2s"] });
  await exec.prints("ready one");
  await exec.repack({ KEY: "two" });
  await exec.logged(
    "the new artifact",
    ({ event, revision }) =>
      event === "artifact.refreshed" && revision !== exec.log[0]?.["revision"],
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  exec.agent.child.kill("SIGTERM");
  assert.equal(await exec.code(), 137);
  assert.doesNotMatch(exec.printed, /two/);
});

test("a command that was asked to end is not started again by a change", async (t) => {
  const exec = await ExecAgent.start(t, STUBBORN);
  await exec.prints("ready one");
  exec.agent.child.kill("SIGTERM");
  await exec.repack({ KEY: "two" });
  await exec.logged("why", ({ message }) => String(message).includes("SIGTERM asked it to end"));
  assert.doesNotMatch(exec.printed, /two/);
});

test("no descriptor above standard error is passed on", async (t) => {
  const exec = await ExecAgent.start(t, ["sh", "-c", "ls /proc/$$/fd"]);
  assert.equal(await exec.code(), 0);
  assert.deepEqual(exec.printed.trim().split("\n"), ["0", "1", "2"]);
});
