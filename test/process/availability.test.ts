import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rename, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { systemCode } from "../../src/errors.ts";
import { AGENT_COMMAND, AgentProcess, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const ATTACK = fileURLToPath(new URL("../support/connection-attack.ts", import.meta.url));
const KINDS = [
  "idle",
  "half_closed",
  "slow_headers",
  "health",
  "unauthorized",
  "forbidden",
  "pipelined",
  "many_headers",
  "connect_flood",
] as const;

/** Descriptors, and the connections that an attacker keeps: more than the agent has places for. */
const LIMITS = [
  [256, 300],
  [1_024, 1_300],
  [65_536, 1_300],
] as const;

/** What an application, or a health check, is promised. */
const SERVED_MS = 50;
const HEALTH_MS = 100;
/** A file is looked at every 2 s, should no event come. */
const REVOKED_MS = 3_000;
/** Requests in a row under each attack. */
const ROUNDS = 40;

/** An agent with that limit of descriptors, on a file. */
async function limited(
  t: TestContext,
  descriptors: number,
): Promise<{ readonly agent: AgentProcess; readonly port: number; readonly file: string }> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ secrets: { KEY: "value" } }));
  // A machine may allow fewer; then it is as many as it does.
  const shell = `ulimit -n ${descriptors} 2>/dev/null; exec "$@"`;
  const agent = AgentProcess.start(
    t,
    { CLEF_AGENT_SOURCE: file, CLEF_AGENT_AGE_KEY: AGE_IDENTITY },
    [],
    ["sh", "-c", shell, "sh", ...AGENT_COMMAND, "run"],
  );
  await agent.ready();
  return { agent, port: await agent.port(), file };
}

/** @returns what ends the attack before the test does. */
async function attacked(
  t: TestContext,
  port: number,
  kind: string,
  sockets: number,
): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [ATTACK, String(port), kind, String(sockets)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  // Until most of its connections have come.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  };
}

/** As `timed`, of a new client, which asks again where its connection had to make room. */
async function timedHealth(port: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await timed(port, "/v1/health", false);
      return performance.now() - startedAt;
    } catch (error) {
      if (systemCode(error) !== "ECONNRESET") throw error;
    }
  }
}

/** Milliseconds until the whole answer is there. */
function timed(port: number, path: string, connections: Agent | false): Promise<number> {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${TOKEN}` };
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers, agent: connections }, (answer) => {
      assert.equal(answer.statusCode, 200);
      answer.resume();
      answer.once("end", () => resolve(performance.now() - startedAt));
    }).on("error", reject);
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;
}

for (const [descriptors, sockets] of LIMITS) {
  describe(`with ${descriptors} descriptors, somebody without the token`, () => {
    test("takes neither answers, nor health, nor a revocation", async (t) => {
      const { agent, port, file } = await limited(t, descriptors);
      const kept = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => kept.destroy());
      const connections = new Set<unknown>();
      kept.on("free", (socket) => connections.add(socket));
      await timed(port, "/v1/secrets", kept);
      for (const kind of KINDS) {
        const end = await attacked(t, port, kind, sockets);
        const served: number[] = [];
        const health: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          served.push(await timed(port, "/v1/secrets", kept));
          if (round % 8 === 0) health.push(await timedHealth(port));
        }
        await end();
        const figures = `${kind}: served ${median(served).toFixed(1)} to ${Math.max(...served).toFixed(1)} ms, health ${median(health).toFixed(1)} to ${Math.max(...health).toFixed(1)} ms`;
        t.diagnostic(figures);
        // The median, as the machine of a test is no quiet one; a stall of every answer shows in it.
        assert.ok(median(served) < SERVED_MS, figures);
        // A new client waits in one line with those of the attack: see SECURITY.md.
        assert.ok(median(health) < 10 * HEALTH_MS, figures);
      }
      assert.equal(connections.size, 1, "the application's connection was never closed");
      const end = await attacked(t, port, "idle", sockets);
      await writeFile(`${file}.new`, revocation());
      await rename(`${file}.new`, file);
      const isRevoked = (): boolean => agent.log.some(({ event }) => event === "artifact.revoked");
      await eventually("the revocation", isRevoked, REVOKED_MS);
      await end();
      const warnings = agent.log.filter(({ listener }) => listener === "CLEF_AGENT_PORT");
      assert.ok(warnings.length >= 1 && warnings.length <= 2, "one line a minute tells of it");
      assert.ok(!agent.stderr.includes("EMFILE"), agent.stderr);
    });
  });
}

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
  await writeFile(`${file}.new`, revocation());
  await rename(`${file}.new`, file);
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
