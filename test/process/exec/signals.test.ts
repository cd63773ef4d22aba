import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pack } from "../../support/artifacts.ts";
import { NODE_PROGRAM, PYTHON_PROGRAM, STUBBORN } from "../../support/exec/commands.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { Origin } from "../../support/origin.ts";

describe("signals", { concurrency: 3 }, () => {
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

  test("SIGHUP does not look at the source", async (t) => {
    const origin = await Origin.start(t);
    origin.artifact = await pack({ secrets: { KEY: "one" } });
    const exec = await ExecAgent.start(t, NODE_PROGRAM, { env: { CLEF_AGENT_SOURCE: origin.url } });
    await exec.prints("ready one");
    const { requests } = origin;
    exec.agent.child.kill("SIGHUP");
    await exec.prints("got SIGHUP");
    // A request to the source would have been on its way before this one.
    assert.equal((await exec.agent.get("/v1/health")).status, 200);
    assert.equal(origin.requests, requests);
  });

  test("SIGTERM waits for what the command cleans up, however long that takes", async (t) => {
    const exec = await ExecAgent.start(
      t,
      [
        "sh",
        "-c",
        "trap 'sleep 1; echo cleaned; exit 9' TERM; echo ready; while :; do sleep 0.05; done",
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
    const script =
      "trap 'echo cleaning; sleep 1; exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    const exec = await ExecAgent.start(t, ["sh", "-c", script]);
    await exec.prints("ready");
    await exec.repack({ KEY: "two" });
    await exec.prints("cleaning");
    exec.agent.child.kill("SIGTERM");
    assert.equal(await exec.code(), 9);
    assert.equal(exec.printed.split("ready").length - 1, 1);
  });

  test("a command that was asked to end is not started again by a change", async (t) => {
    const exec = await ExecAgent.start(t, STUBBORN);
    await exec.prints("ready one");
    exec.agent.child.kill("SIGTERM");
    await exec.repack({ KEY: "two" });
    await exec.logged("why", ({ message }) => String(message).includes("SIGTERM asked it to end"));
    assert.doesNotMatch(exec.printed, /two/);
  });
});
