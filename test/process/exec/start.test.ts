import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess, httpRequest } from "../../support/agent-process.ts";
import { clef } from "../../support/cli.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";

test("what the command prints arrives whole, however much it is, and the log beside it", async (t) => {
  const exec = await ExecAgent.start(t, [
    "sh",
    "-c",
    "head -c 20000000 /dev/zero | tr '\\\\0' x; echo end; echo err >&2",
  ]);
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed.length, 20_000_004);
  assert.match(exec.agent.stderr, /^err$/m);
  await exec.event("command.stopped");
});

test("the agent's input is the command's", async (t) => {
  const exec = await ExecAgent.start(t, ["cat"]);
  exec.agent.child.stdin?.end("a line for the command\n");
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, "a line for the command\n");
});

test("without CLEF_AGENT_LOG_LEVEL there is nothing on standard error that the command did not write", async (t) => {
  const exec = await ExecAgent.start(t, ["sh", "-c", "echo mine >&2"], {
    env: { CLEF_AGENT_LOG_LEVEL: undefined },
  });
  assert.equal(await exec.code(), 0);
  assert.equal(exec.agent.stderr, "mine\n");
});

test("exec without a command is wrong usage", async () => {
  const { code, stderr } = await clef(["exec", "--"]);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /\[usage\]\n$/);
});

test("--help after the two dashes is the command's", async (t) => {
  const exec = await ExecAgent.start(t, ["sh", "-c", 'echo "$1"', "sh", "--help"]);
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, "--help\n");
});

describe("before the command runs", { concurrency: 2 }, () => {
  for (const [signal, expected] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGHUP", 129],
  ] as const) {
    test(`${signal} ends the agent with ${expected}`, async (t) => {
      const source = await hangingSource(t);
      const agent = AgentProcess.start(
        t,
        { CLEF_AGENT_SOURCE: source, CLEF_AGENT_LOG_LEVEL: "info" },
        ["exec", "--", "echo", "ran"],
      );
      assert.equal((await httpRequest(await agent.port(), "/v1/health", {})).status, 200);
      agent.child.kill(signal);
      assert.deepEqual(await agent.ended(), { code: expected, signal: null });
      assert.equal(agent.stdout, "");
    });
  }
});

/** @returns the address of a source that takes requests and never answers. */
async function hangingSource(t: TestContext): Promise<string> {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/`;
}
