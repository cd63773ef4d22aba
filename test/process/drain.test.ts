import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { AgentProcess, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const REQUEST = `GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
const KEPT_ALIVE = 12;
const FRESH = 12;
const ROUNDS = 6;

/** One request on a connection of its own or on one that is used again, and how it ended. */
interface Asked {
  readonly at: number;
  /** Undefined while no end of it was seen. */
  status?: number;
  broken?: boolean;
}

/** Asks again and again; `keepAlive` on one connection, otherwise on a new one each time. */
class Client {
  readonly asked: Asked[] = [];
  readonly #port: number;
  readonly #keepAlive: boolean;
  #socket: Socket | undefined;
  stopped = false;

  constructor(port: number, keepAlive: boolean) {
    this.#port = port;
    this.#keepAlive = keepAlive;
    this.#open();
  }

  #open(): void {
    const socket = connect(this.#port, "127.0.0.1");
    this.#socket = socket;
    let received = "";
    let current: Asked | undefined;
    const ask = (): void => {
      received = "";
      current = { at: performance.now() };
      this.asked.push(current);
      socket.write(REQUEST);
    };
    socket.setEncoding("latin1");
    socket.on("connect", ask);
    socket.on("data", (text: string) => {
      received += text;
      const head = received.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(received)?.[1];
      if (current === undefined || head === -1 || received.length < head + 4 + Number(length)) {
        return;
      }
      current.status = Number(received.slice(9, 12));
      if (this.#keepAlive && !/connection: close/i.test(received)) ask();
      else socket.end();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (current !== undefined && current.status === undefined) current.broken = true;
      if (!this.stopped) setImmediate(() => this.#open());
    });
  }

  stop(): void {
    this.stopped = true;
    this.#socket?.destroy();
  }
}

test("no request that was sent before SIGTERM fails, on connections old and new", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ secrets: { KEY: "x".repeat(20_000) } }));
  let before = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: file,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_LOG_LEVEL: "info",
    });
    await agent.ready();
    const port = await agent.port();
    const clients = [
      ...Array.from({ length: KEPT_ALIVE }, () => new Client(port, true)),
      ...Array.from({ length: FRESH }, () => new Client(port, false)),
    ];
    t.after(() => {
      for (const client of clients) client.stop();
    });
    await eventually("load", () => clients.every(({ asked }) => asked.length > 20 + round * 7));
    const killedAt = performance.now();
    agent.child.kill("SIGTERM");
    for (const client of clients) client.stopped = true;
    assert.deepEqual(await agent.ended(), { code: 0, signal: null });
    const tookMs = performance.now() - killedAt;
    assert.ok(tookMs < 3_000, `it took ${tookMs} ms`);
    const sent = clients.flatMap(({ asked }) => asked.filter(({ at }) => at < killedAt));
    before += sent.length;
    assert.deepEqual(
      sent.filter(({ status }) => status !== 200),
      [],
    );
    for (const client of clients) client.stop();
  }
  t.diagnostic(`${before} requests before SIGTERM, all answered`);
});
