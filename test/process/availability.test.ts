import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../support/artifacts.ts";
import { attack, limitedAgent, statusOf, timed, timedHealth } from "../support/availability.ts";
import { clef } from "../support/cli.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

test("who keeps more connections than there are takes neither answers, nor health, nor a revocation, and one line tells", async (t) => {
  const { agent, port, kept, revoke } = await limitedAgent(t, 256);
  const connections = new Set<unknown>();
  kept.on("free", (socket) => connections.add(socket));
  const end = await attack(t, port, "idle", 300);
  await timedHealth(port);
  await timed(port, "/v1/secrets", kept);
  await revoke();
  await eventually("it", async () => (await statusOf(port, "/v1/ready", kept)) === 503);
  await end();
  assert.equal(connections.size, 1, "the application's connection was never closed");
  assert.equal(agent.log.filter(({ listener }) => listener === "CLEF_AGENT_PORT").length, 1);
});

test("a table of descriptors that is full is named, takes nothing from who is connected, and passes", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ secrets: { KEY: "value" } }));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  await agent.ready();
  const port = await agent.port();
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  await timed(port, "/v1/secrets", kept);
  const limit = (soft: number): unknown =>
    execFileSync("prlimit", ["--pid", String(agent.child.pid), `--nofile=${soft}:`]);
  const numbers = (await readdir(`/proc/${agent.child.pid}/fd`)).map(Number).toSorted(byNumber);
  // The lowest number that is free is what would be opened next.
  const free = numbers.findIndex((number, index) => number !== index);
  limit(free === -1 ? numbers.length : free);
  await replaceFile(file, revocation());
  const line = await agent.logged("the failure", ({ event }) => event === "fetch.failed");
  assert.match(String(line["error"]), /no file descriptor is left \(EMFILE\).*ulimit -n/);
  await timed(port, "/v1/secrets", kept);
  limit(1_000);
  await agent.logged("the revocation", ({ event }) => event === "artifact.revoked");
});

test("healthcheck asks again where its connection had to make room, and says so when none was heard", async (t) => {
  let resets = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      if (resets-- > 0) socket.resetAndDestroy();
      else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const env = { CLEF_AGENT_PORT: String((server.address() as AddressInfo).port) };
  resets = 3;
  assert.deepEqual(await clef(["healthcheck"], { env }), { code: 0, stdout: "{}\n", stderr: "" });
  resets = Infinity;
  const { code, stderr } = await clef(["healthcheck"], { env });
  assert.equal(code, 1);
  assert.match(stderr, /cannot be reached \(ECONNRESET\)|did not answer within 900 ms/);
});

function byNumber(a: number, b: number): number {
  return a - b;
}
