import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request, Agent, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { Connection } from "../../../src/server/connection.ts";
import { headOf } from "../../../src/server/answer-head.ts";
import { errorResponse, jsonResponse } from "../../../src/server/response.ts";
import { Sender } from "../../../src/server/sender.ts";
import { KEEP_ALIVE_MS } from "../../../src/limits.ts";

const ANSWER = jsonResponse(200, { value: "ü" }, "ETag", '"tag"');

interface Told {
  readonly status: number | undefined;
  readonly lines: readonly string[];
  readonly body: string;
  /** Whether it came on the connection of the answer before. */
  readonly isSameConnection: boolean;
  readonly closed: Promise<unknown>;
}

/** A server whose every answer goes through one sender, and what asks it on one connection. */
async function served(
  t: TestContext,
  prepare: (res: ServerResponse) => void = () => undefined,
): Promise<(method: string) => Promise<Told>> {
  const sender = new Sender();
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, res) => {
    prepare(res);
    const connection = new Connection(message.socket, () => undefined);
    connection.trusted = true;
    sender.send(res, ANSWER, connection);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => {
    agent.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async (method) => {
    const asked = request({ port, host: "127.0.0.1", method, agent });
    const answered = once(asked, "response");
    asked.end();
    const [message] = (await answered) as [IncomingMessage];
    const { socket } = message;
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const raw = message.rawHeaders;
    const lines = raw.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${raw[index + 1] ?? ""}`] : [],
    );
    return {
      status: message.statusCode,
      lines: lines.map((line) => line.replace(/^Date: .*/, "Date: …")).toSorted(),
      body: Buffer.concat(chunks).toString(),
      isSameConnection: asked.reusedSocket,
      closed: socket.closed ? Promise.resolve() : once(socket, "close"),
    };
  };
}

describe("an answer that is written without node:http", () => {
  test("has the head that node:http writes, and the next one comes on its connection", async (t) => {
    const spies: { readonly method: string | undefined; readonly writes: () => number }[] = [];
    const ask = await served(t, (res) => {
      const { mock } = t.mock.method(res, "writeHead");
      spies.push({ method: res.req.method, writes: () => mock.callCount() });
    });
    const get = await ask("GET");
    const head = await ask("HEAD");
    const again = await ask("GET");
    // What node:http wrote is what the others are held to.
    assert.deepEqual(
      spies.map(({ method, writes }) => [method, writes()]),
      [
        ["GET", 0],
        ["HEAD", 1],
        ["GET", 0],
      ],
    );
    assert.deepEqual(get.lines, head.lines);
    assert.deepEqual(
      [get, head, again].map(({ status, body, isSameConnection }) => [
        status,
        body,
        isSameConnection,
      ]),
      [
        [200, '{"value":"ü"}', false],
        [200, "", true],
        [200, '{"value":"ü"}', true],
      ],
    );
  });

  test("is the last one where node:http does not hear that it was sent", async (t) => {
    const spies: (() => number)[] = [];
    let isDeaf = true;
    const ask = await served(t, (res) => {
      if (isDeaf) res.removeAllListeners("finish");
      isDeaf = false;
      const { mock } = t.mock.method(res, "writeHead");
      spies.push(() => mock.callCount());
    });
    const first = await ask("GET");
    await first.closed;
    const second = await ask("GET");
    assert.deepEqual([first.body, second.body], ['{"value":"ü"}', '{"value":"ü"}']);
    assert.equal(second.isSameConnection, false);
    assert.deepEqual(
      spies.map((writes) => writes()),
      [0, 1],
    );
  });
});

describe("the head of an answer", () => {
  test("tells the second in which it is sent, and is made once in each", (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.UTC(2026, 0, 1, 0, 0, 0, 100) });
    const first = headOf(ANSWER);
    t.mock.timers.setTime(Date.UTC(2026, 0, 1, 0, 0, 0, 900));
    assert.equal(headOf(ANSWER), first);
    t.mock.timers.setTime(Date.UTC(2026, 0, 1, 0, 0, 1));
    assert.match(first.toString(), /\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n/);
    assert.match(headOf(ANSWER).toString(), /\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\n/);
  });

  test("takes no value that would begin another line", () => {
    const broken = errorResponse(503, "no", "Retry-After", "1\r\nSet-Cookie: a=b");
    assert.throws(() => headOf(broken), { code: "ERR_INVALID_CHAR" });
  });
});
