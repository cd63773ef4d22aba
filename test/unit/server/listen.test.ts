import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { DRAIN_MS, RETIRE_GRACE_MS } from "../../../src/limits.ts";
import { allowedHosts } from "../../../src/server/guards.ts";
import { createHandler, type Handler } from "../../../src/server/handler.ts";
import type { TcpListener } from "../../../src/server/listen.ts";
import { bytesResponse, jsonResponse } from "../../../src/server/response.ts";
import type { Request } from "../../../src/server/request.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { TokenGuard } from "../../../src/server/token.ts";
import { httpRequest } from "../../support/agent-process.ts";
import { coded } from "../../support/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { idle, feedOf, TOKEN } from "../../support/handler-client.ts";
import { openOwnListener, ownListener } from "../../support/own-listener.ts";
import { isZero, snapshotOf } from "../../support/snapshots.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/temporary.ts";

const listening = (t: TestContext, handler: (port: number) => Handler): Promise<TcpListener> =>
  ownListener(t, { handler });

/** Sends raw bytes and gives everything that comes back until the end. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const secrets = (port: number): Handler =>
  createHandler({
    ...idle(),
    feed: feedOf(snapshotOf({ KEY: "value" }).snapshot),
    access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(port) },
    refusals: refusalsTo(recordingLog().log),
  });

describe("listen", () => {
  test("answers on the port that it says", async (t) => {
    const { port } = await listening(t, secrets);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { status, body } = await httpRequest(port, "/v1/secrets", headers);
    assert.equal(status, 200);
    assert.equal(body, '{"KEY":"value"}');
  });

  test("answers HEAD with the headers of GET and no body", async (t) => {
    const { port } = await listening(t, secrets);
    const headers = { authorization: `Bearer ${TOKEN}` };
    const head = await httpRequest(port, "/v1/secrets", headers, "HEAD");
    assert.equal(head.status, 200);
    assert.equal(head.body, "");
    assert.equal(head.headers["content-length"], "15");
  });

  test("answers 304 without a body and leaves the connection usable", async (t) => {
    const { port } = await listening(t, secrets);
    const start = `GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    const answer = await raw(
      port,
      `${start}If-None-Match: *\r\n\r\n${start}Connection: close\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1.1 304[\s\S]*?\r\n\r\nHTTP\/1.1 200/);
  });

  test("answers 403 to a request without Host", async (t) => {
    const { port } = await listening(t, secrets);
    assert.match(
      await raw(port, "GET /v1/health HTTP/1.1\r\nConnection: close\r\n\r\n"),
      /^HTTP\/1.1 403/,
    );
    assert.match(await raw(port, "GET /v1/health HTTP/1.0\r\n\r\n"), /^HTTP\/1.1 403/);
  });

  test("answers what is no HTTP with an error of our form", async (t) => {
    const { port } = await listening(t, secrets);
    const answer = await raw(port, "NONSENSE\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n/);
    assert.match(answer, /Cache-Control: no-store/);
    assert.match(answer, /\{"error":"Bad request"\}$/);
  });

  test("answers CONNECT as any method that is not allowed", async (t) => {
    const { port } = await listening(t, secrets);
    const answer = await raw(port, "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 405 Method Not Allowed\r\n[\s\S]*Allow: GET, HEAD\r\n/);
    const evil = await raw(port, "CONNECT localhost:80 HTTP/1.1\r\nHost: evil\r\n\r\n");
    assert.match(evil, /^HTTP\/1.1 403 Forbidden\r\n/);
  });

  test("answers in its own words to an expectation that Node does not know", async (t) => {
    const { port } = await listening(t, secrets);
    const answer = await raw(port, "GET /x HTTP/1.1\r\nHost: localhost\r\nExpect: y\r\n\r\n");
    assert.match(answer, /^HTTP\/1.1 404 Not Found\r\n[\s\S]*Cache-Control: no-store\r\n/);
  });

  test("answers 431 to headers without end", async (t) => {
    const { port } = await listening(t, secrets);
    const huge = `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`;
    assert.match(await raw(port, huge), /^HTTP\/1.1 431 /);
  });

  test("answers 500 without a word about why when a handler fails late", async (t) => {
    const { port } = await listening(t, () => () => Promise.reject(new Error("sk_alpha_inside")));
    const { status, body } = await httpRequest(port, "/", {});
    assert.equal(status, 500);
    assert.equal(body, '{"error":"Internal error"}');
  });

  test("knows when a client has hung up before its answer", async (t) => {
    const asked: Request[] = [];
    const handler: Handler = (request) => {
      asked.push(request);
      request.showedToken(true);
      return new Promise(() => undefined);
    };
    const listener = await openOwnListener({ handler: () => handler });
    t.after(() => listener.close(0));
    const request = "GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const [leaving, staying] = [0, 1].map(() => connect(listener.port, "127.0.0.1"));
    leaving?.write(request.repeat(2));
    await eventually("two requests", () => asked.length === 2);
    staying?.write(request);
    await eventually("three requests", () => asked.length === 3);
    assert.deepEqual(
      asked.map(({ isCancelled }) => isCancelled()),
      [false, false, false],
    );
    leaving?.destroy();
    await eventually("it to be known", () => asked[0]?.isCancelled());
    assert.deepEqual(
      asked.map(({ isCancelled }) => isCancelled()),
      [true, true, false],
    );
    staying?.destroy();
  });

  test("answers a client that has closed its half of the connection, late too", async (t) => {
    const asked: Request[] = [];
    const late = Promise.withResolvers<undefined>();
    const handler: Handler = async (request) => {
      asked.push(request);
      request.showedToken(true);
      await late.promise;
      return jsonResponse(200, "late");
    };
    const { port } = await listening(t, () => handler);
    const answer = raw(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually("it is known to send no more", () => asked[0]?.isCancelled());
    late.resolve(undefined);
    assert.match(await answer, /^HTTP\/1.1 200 OK\r\n[\s\S]*"late"$/);
  });

  test("explains a port that is in use", async (t) => {
    const { port } = await listening(t, secrets);
    await assert.rejects(
      openOwnListener({ port, handler: secrets }),
      coded("listen_failed", /in use.*CLEF_AGENT_PORT/),
    );
  });

  test("explains an address that this machine has not", async () => {
    const variable = "CLEF_AGENT_PROBE_LISTEN";
    await assert.rejects(
      openOwnListener({ host: "192.0.2.1", variable, handler: secrets }),
      coded("listen_failed", /CLEF_AGENT_PROBE_LISTEN/),
    );
  });
});

/** A listener whose every answer waits until the test lets it go. */
async function answeringLater(
  t: TestContext,
): Promise<{ readonly listener: TcpListener; readonly waiting: ReadonlyMap<string, () => void> }> {
  const waiting = new Map<string, () => void>();
  const handler: Handler = async ({ target, showedToken }) => {
    showedToken(true);
    await new Promise<void>((resolve) => waiting.set(target, resolve));
    return jsonResponse(200, target);
  };
  return { listener: await listening(t, () => handler), waiting };
}

describe("closing", () => {
  test("lets a request under way finish, and takes no new one", async () => {
    const late = Promise.withResolvers<undefined>();
    const arrived = Promise.withResolvers<undefined>();
    const handler: Handler = async () => {
      arrived.resolve(undefined);
      await late.promise;
      return jsonResponse(200, "done");
    };
    const listener = await openOwnListener({ handler: () => handler });
    const answer = httpRequest(listener.port, "/", {});
    await arrived.promise;
    const closed = listener.close(DRAIN_MS);
    late.resolve(undefined);
    assert.equal((await answer).body, '"done"');
    await closed;
    await assert.rejects(httpRequest(listener.port, "/", {}));
  });

  test("waits for every answer that a client asked for on one connection", async (t) => {
    const { listener, waiting } = await answeringLater(t);
    const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const client = connect(listener.port, "127.0.0.1");
    client.write(ask("/one") + ask("/two"));
    const answers = client.toArray();
    await eventually("both arrived", () => waiting.size === 2);
    const closed = listener.close(DRAIN_MS);
    waiting.get("/one")?.();
    // Long enough for a sweep over the connections.
    await new Promise((resolve) => setTimeout(resolve, 100));
    waiting.get("/two")?.();
    assert.match((await answers).join(""), /"\/one"[\s\S]*"\/two"/);
    await closed;
  });

  test("tells a client that asks meanwhile to ask no more on this connection", async (t) => {
    const { listener, waiting } = await answeringLater(t);
    const client = connect(listener.port, "127.0.0.1");
    const answers = client.toArray();
    client.write("GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually("the first arrived", () => waiting.has("/one"));
    const closed = listener.close(DRAIN_MS);
    client.write("GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await eventually("the second arrived", () => waiting.has("/two"));
    for (const answer of waiting.values()) answer();
    assert.match((await answers).join(""), /"\/one"[\s\S]*Connection: close[\s\S]*"\/two"/);
    await closed;
  });

  test("does not wait for idle connections that are kept alive", async (t) => {
    const listener = await listening(t, secrets);
    const socket = connect(listener.port, "127.0.0.1");
    t.after(() => socket.destroy());
    const authorization = `Authorization: Bearer ${TOKEN}`;
    socket.write(`GET /v1/keys HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\n\r\n`);
    await firstData(socket);
    const start = performance.now();
    await listener.close(DRAIN_MS);
    assert.ok(performance.now() - start < 2_000);
  });
});

async function firstData(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once("data", resolve));
}

describe("a large answer", () => {
  test("that is still on its way holds its bytes, and is cut off when they must go", async (t) => {
    const clock = new FakeClock();
    const { snapshot, plaintext } = snapshotOf({ KEY: "x".repeat(12 * 1024 * 1024) });
    const handler: Handler = () => bytesResponse(snapshot.nested, snapshot);
    const { port } = await listening(t, () => handler);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await firstData(socket);
    socket.pause();
    snapshot.retire(clock);
    assert.equal(isZero(plaintext), false);
    await clock.advance(RETIRE_GRACE_MS);
    assert.ok(isZero(plaintext));
    let received = 0;
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      assert.equal(chunk.includes(0), false);
    });
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    assert.ok(received < plaintext.length);
  });

  test("that was read to its end lets them go", async (t) => {
    const clock = new FakeClock();
    const { snapshot, plaintext } = snapshotOf({ KEY: "x".repeat(4 * 1024 * 1024) });
    const { port } = await listening(t, () => () => bytesResponse(snapshot.nested, snapshot));
    const { body } = await httpRequest(port, "/", {});
    assert.equal(body.length, plaintext.length);
    snapshot.retire(clock);
    await eventually("the wipe", () => isZero(plaintext));
  });
});
