import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_WAITING_REQUESTS } from "../../src/limits.ts";
import { AgentProcess, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../support/artifacts.ts";
import { countInCoreDump, whyNoCoreDump } from "../support/core-dump.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";
import { WaitingClient } from "../support/waiting-clients.ts";

const ROTATIONS = 1_000;
const WAITERS = 100;
const MODES = [
  { mode: "cached", ttl: "300" },
  { mode: "just-in-time", ttl: "0" },
] as const;

interface Trial {
  readonly agent: AgentProcess;
  readonly directory: string;
  readonly put: (text: string) => Promise<void>;
}

async function trial(t: TestContext, ttl: string, secrets: unknown): Promise<Trial> {
  const directory = await temporaryDirectory(t);
  const source = join(directory, "artifact.json");
  const put = async (text: string): Promise<void> => {
    await replaceFile(source, text);
  };
  await put(await pack({ secrets }));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: source,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_CACHE_TTL: ttl,
    // Reserves less address space, all of which a core dump contains, for Node's HTTP parser.
    NODE_OPTIONS: "--disable-wasm-trap-handler",
  });
  await agent.ready();
  return { agent, directory, put };
}

const noDump = await whyNoCoreDump();

for (const { mode, ttl } of MODES) {
  describe(`a hundred clients that wait, in ${mode} mode`, () => {
    test("hear of each of a thousand rotations, in order, and leave no plaintext behind", async (t) => {
      const marker = randomBytes(9).toString("base64url");
      const valueOf = (rotation: number): string => `${marker}-${rotation}`;
      const packed = (rotation: number): Promise<string> =>
        pack({ secrets: { KEY: valueOf(rotation) } });
      const { agent, directory, put } = await trial(t, ttl, { KEY: valueOf(0) });
      const port = await agent.port();
      const clients = await Promise.all(
        Array.from({ length: WAITERS }, () => WaitingClient.follow(t, port, "KEY")),
      );
      for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
        await put(await packed(rotation));
        await eventually(`rotation ${rotation}`, () =>
          clients.every(({ values }) => values.at(-1) === valueOf(rotation)),
        );
      }
      const all = Array.from({ length: ROTATIONS + 1 }, (_, rotation) => valueOf(rotation));
      for (const { values } of clients) assert.deepEqual(values, all);

      for (const client of clients) client.stop();
      await put(revocation());
      await agent.logged("the revocation", ({ event }) => event === "artifact.revoked");
      if (noDump !== undefined) {
        t.diagnostic(noDump);
        return;
      }
      const needles = [Buffer.from(marker, "utf8"), Buffer.from(marker, "utf16le")];
      const { count } = await countInCoreDump(agent.child.pid ?? 0, directory, needles);
      assert.equal(count, 0);
    });
  });
}

const MIB = 1024 * 1024;
const AT_REST_MS = 10_000;
const skip = process.platform === "linux" ? false : "reads /proc";

test(
  "256 requests that wait add less than 6 MB to their connections and take no CPU at rest",
  { skip },
  async (t) => {
    const { agent } = await trial(t, "300", { KEY: "old" });
    const port = await agent.port();
    const pid = agent.child.pid ?? 0;
    const etag = String((await agent.get("/v1/keys")).headers["etag"]);
    const ask = (...headers: readonly string[]): string =>
      [
        "GET /v1/keys HTTP/1.1",
        "Host: 127.0.0.1",
        `Authorization: Bearer ${TOKEN}`,
        ...headers,
        "\r\n",
      ].join("\r\n");
    const clients = await Promise.all(
      Array.from({ length: MAX_WAITING_REQUESTS }, async () => {
        const socket = connect(port, "127.0.0.1").on("error", () => undefined);
        socket.write(ask());
        await once(socket, "data");
        return socket.resume();
      }),
    );
    t.after(() => {
      for (const socket of clients) socket.destroy();
    });
    await sleep(2_000);
    const before = anonymousBytes(pid);
    const idle = await cpuMsOver(pid, AT_REST_MS);
    for (const socket of clients) socket.write(ask(`If-None-Match: ${etag}`, "Prefer: wait=240"));
    await eventually("all wait", async () => {
      const headers = { "if-none-match": "*", prefer: "wait=0" };
      return (await agent.get("/v1/keys", headers)).status === 429;
    });
    await sleep(2_000);
    const added = anonymousBytes(pid) - before;
    const waiting = await cpuMsOver(pid, AT_REST_MS);
    t.diagnostic(
      `${(added / MIB).toFixed(1)} MiB; CPU over ${AT_REST_MS / 1_000} s: ${waiting} ms, and ${idle} ms without them`,
    );
    assert.ok(added < 6e6, `${added} bytes`);
    // Node.js looks at its connections once a second, and the agent at its file.
    assert.ok(waiting - idle < AT_REST_MS / 200, `${waiting} ms where ${idle} were taken before`);
  },
);

/** Memory that belongs to the process alone. */
function anonymousBytes(pid: number): number {
  const [, kib = ""] =
    /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

async function cpuMsOver(pid: number, ms: number): Promise<number> {
  const before = cpuMs(pid);
  await sleep(ms);
  return Math.round(cpuMs(pid) - before);
}

/** CPU time of all threads so far, as the kernel counts it. */
function cpuMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanos = tasks.map((task) => {
    const [running = ""] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
    return Number(running);
  });
  return nanos.reduce((sum, one) => sum + one, 0) / 1e6;
}
