import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { allowedHosts } from "../../../src/server/guards.ts";
import { createHandler, type Handler } from "../../../src/server/handler.ts";
import { headEnd } from "../../../src/server/first-request.ts";
import { MAX_HEADER_BYTES, MAX_HEADER_LINES } from "../../../src/limits.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { TokenGuard } from "../../../src/server/token.ts";
import { idle, feedOf, TOKEN } from "../../support/handler-client.ts";
import { ownListener } from "../../support/own-listener.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { snapshotOf } from "../../support/snapshots.ts";
import { eventually } from "../../support/temporary.ts";

const api = (port: number): Handler =>
  createHandler({
    ...idle(),
    feed: feedOf(snapshotOf({ KEY: "value" }).snapshot),
    access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(port) },
    refusals: refusalsTo(recordingLog().log),
  });

const get = (path: string, token = TOKEN): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;

/** A client whose every byte is kept, and which never hangs up by itself. */
class Client {
  readonly socket: Socket;
  text = "";
  isClosed = false;

  constructor(t: TestContext, port: number) {
    this.socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    this.socket.on("data", (chunk: Buffer) => (this.text += chunk.toString()));
    this.socket.on("error", () => undefined);
    this.socket.once("end", () => (this.isClosed = true));
    this.socket.once("close", () => (this.isClosed = true));
    t.after(() => this.socket.destroy());
  }

  get statuses(): readonly string[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = ""]) => status);
  }

  async answers(count: number): Promise<void> {
    await eventually(`${count} answers`, () => this.statuses.length >= count);
  }
}

describe("a connection is closed after its answer", () => {
  for (const [what, request] of [
    ["401", get("/v1/secrets", "wrong")],
    ["403", "GET /v1/secrets HTTP/1.1\r\nHost: evil\r\n\r\n"],
    ["404", "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["405", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["200", "GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["400", "NONSENSE\r\n\r\n"],
    ["431", `GET /v1/health HTTP/1.1\r\nHost: localhost\r\n${"a:\r\n".repeat(1_900)}\r\n`],
  ] as const) {
    test(`with ${what}, and what came behind is not looked at`, async (t) => {
      const { port } = await ownListener(t, { handler: api });
      const client = new Client(t, port);
      client.socket.write(request + get("/v1/secrets").repeat(500));
      await eventually("the end", () => client.isClosed);
      assert.deepEqual(client.statuses, [what]);
      assert.match(client.text, /\r\nConnection: close\r\n/);
    });
  }

  test("when the token that it showed has become another", async (t) => {
    const token = new TokenGuard(TOKEN);
    const { port } = await ownListener(t, {
      handler: (at) =>
        createHandler({
          ...idle(),
          feed: feedOf(snapshotOf({ KEY: "value" }).snapshot),
          access: { kind: "token", token, hosts: allowedHosts(at) },
          refusals: refusalsTo(recordingLog().log),
        }),
    });
    const client = new Client(t, port);
    client.socket.write(get("/v1/secrets"));
    await client.answers(1);
    token.replace("another-token-0123456789");
    client.socket.write(get("/v1/secrets"));
    await eventually("the end", () => client.isClosed);
    assert.deepEqual(client.statuses, ["200", "401"]);
  });
});

describe("a connection with the token", () => {
  test("is kept, and everything that came at once is answered, in pieces too", async (t) => {
    const { port } = await ownListener(t, { handler: api });
    const client = new Client(t, port);
    const requests = get("/v1/secrets") + get("/v1/keys") + get("/v1/health");
    client.socket.setNoDelay(true);
    for (const piece of [requests.slice(0, 20), requests.slice(20)]) {
      client.socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.answers(3);
    client.socket.write(get("/v1/secrets"));
    await client.answers(4);
    assert.deepEqual(client.statuses, ["200", "200", "200", "200"]);
    assert.equal(client.isClosed, false);
  });

  test("may send any part of its next request with the first, and the rest of it later", async (t) => {
    const { port } = await ownListener(t, { handler: api });
    const request = get("/v1/secrets");
    const cuts = Array.from({ length: request.length - 1 }, (_, index) => index + 1);
    await Promise.all(
      cuts.map(async (cut) => {
        const client = new Client(t, port);
        client.socket.setNoDelay(true);
        client.socket.write(request + request.slice(0, cut));
        await client.answers(1);
        client.socket.end(request.slice(cut));
        await eventually("the end", () => client.isClosed);
        assert.deepEqual(client.statuses, ["200", "200"], `cut after ${cut}`);
      }),
    );
  });

  test("may hang up as soon as it has asked, however often, and Node.js has nothing to warn of", async (t) => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error): number => warnings.push(message);
    process.on("warning", onWarning);
    t.after(() => process.off("warning", onWarning));
    const { port } = await ownListener(t, { handler: api });
    const client = new Client(t, port);
    client.socket.end(get("/v1/secrets/KEY").repeat(30));
    await eventually("the end", () => client.isClosed);
    assert.deepEqual(client.statuses, Array(30).fill("200"));
    assert.deepEqual(warnings, []);
  });

  test("outlives every flood of those without, and new clients are answered in it", async (t) => {
    const dropped: string[] = [];
    const { port } = await ownListener(t, {
      handler: api,
      limits: { unproven: 8, trusted: 8 },
      onDropped: (reason) => dropped.push(reason),
    });
    const kept = new Client(t, port);
    kept.socket.write(get("/v1/secrets"));
    await kept.answers(1);
    const flood = Array.from({ length: 50 }, () => new Client(t, port));
    await eventually("most are closed", () => flood.filter((one) => one.isClosed).length === 42);
    const newcomer = new Client(t, port);
    newcomer.socket.write(get("/v1/secrets"));
    kept.socket.write(get("/v1/secrets"));
    await newcomer.answers(1);
    await kept.answers(2);
    assert.equal(kept.isClosed, false);
    assert.ok(dropped.every((reason) => reason === "unproven"));
    assert.equal(dropped.length, 43);
  });
});

describe("the head of a request", () => {
  test("may have as many lines as are allowed, and not one more", async (t) => {
    const { port } = await ownListener(t, { handler: api });
    for (const [lines, status] of [
      [MAX_HEADER_LINES, "200"],
      [MAX_HEADER_LINES + 1, "431"],
    ] as const) {
      const client = new Client(t, port);
      // The first line, that of the host and the empty one count.
      const others = "a: b\r\n".repeat(lines - 3);
      client.socket.write(`GET /v1/health HTTP/1.1\r\nHost: localhost\r\n${others}\r\n`);
      await client.answers(1);
      assert.deepEqual(client.statuses, [status]);
    }
  });

  test("ends with an empty line, and empty lines before it are part of it", () => {
    assert.equal(headEnd(Buffer.from("GET / HTTP/1.1\r\nA: b\r\n\r\nGET")), 24);
    assert.equal(headEnd(Buffer.from("\r\n\r\nGET / HTTP/1.1\r\n\r\n")), 22);
  });

  test("is waited for until it is far too long", () => {
    assert.equal(headEnd(Buffer.from("GET / HTTP/1.1\r\n")), undefined);
    assert.equal(headEnd(Buffer.from("\r\n\r\n")), undefined);
    assert.equal(headEnd(Buffer.alloc(2 * MAX_HEADER_BYTES + 1, "x")), 2 * MAX_HEADER_BYTES + 1);
  });
});
