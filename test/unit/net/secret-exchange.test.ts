import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { describe, test, type TestContext } from "node:test";
import type { Exchange } from "../../../src/net/outcome.ts";
import { secretExchange } from "../../../src/net/secret-exchange.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { DIRECT } from "../../support/network.ts";

const NEVER = new AbortController().signal;

/** Asks a server that answers so. */
async function asked(
  t: TestContext,
  listener: RequestListener,
  more: { readonly signal?: AbortSignal; readonly deadlineMs?: number } = {},
): Promise<() => Promise<Exchange>> {
  const server = await opened(t, createServer(listener));
  const url = new URL(`http://127.0.0.1:${portOf(server)}/`);
  const request = {
    network: DIRECT,
    method: "POST",
    url,
    headers: { "x-a": "b" },
    body: "{}",
    signal: NEVER,
  } as const;
  return () => secretExchange({ ...request, maxBytes: 1_000, ...more });
}

async function failure(ask: () => Promise<Exchange>): Promise<string> {
  const came = await ask();
  return came.kind === "failed" ? came.failure : came.kind;
}

describe("a request whose answer holds a secret", () => {
  test("gets the whole answer, many times over one connection, and in pieces", async (t) => {
    const ports = new Set<unknown>();
    const ask = await asked(t, (request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200, { "x-was": String(request.headers["x-a"]) });
      response.write("first ");
      setImmediate(() => response.end("second"));
    });
    for (let time = 0; time < 20; time++) {
      const came = await ask();
      assert.ok(came.kind === "answer");
      assert.equal(came.bytes.toString(), "first second");
      assert.equal(came.headers.get("x-was"), "b");
    }
    assert.equal(ports.size, 1);
  });

  test("is not tried over one dead connection after the other", async (t) => {
    const used = new WeakSet<object>();
    const ask = await asked(t, ({ socket }, response) => {
      if (used.has(socket)) socket.destroy();
      else response.end("new");
      used.add(socket);
    });
    const kept = await Promise.all([ask(), ask(), ask()]);
    assert.ok(kept.every(({ kind }) => kind === "answer"));
    // So that all three connections are back with those that are kept.
    await new Promise(setImmediate);
    assert.equal(await failure(ask), "dropped");
    assert.equal((await ask()).kind, "answer");
  });

  test("goes nowhere else when it is redirected", async (t) => {
    const ask = await asked(t, (_, response) => {
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
    });
    const came = await ask();
    assert.equal(came.kind === "answer" && came.status, 302);
  });

  test("takes no more than it was to take, whether that is declared or not", async (t) => {
    const long = "x".repeat(1_001);
    assert.equal(await failure(await asked(t, (_, response) => response.end(long))), "too_large");
    const pieces: RequestListener = (_, response) => {
      response.write(long.slice(1));
      setImmediate(() => response.end("xx"));
    };
    assert.equal(await failure(await asked(t, pieces)), "too_large");
  });

  test("says when the connection broke before the answer or in the middle of it", async (t) => {
    const before: RequestListener = ({ socket }) => socket.destroy();
    assert.equal(await failure(await asked(t, before)), "dropped");
    const middle: RequestListener = ({ socket }, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => socket.destroy());
    };
    assert.equal(await failure(await asked(t, middle)), "dropped");
  });

  test("ends at its deadline, before the answer or in the middle of it", async (t) => {
    const silent: RequestListener = () => undefined;
    assert.equal(await failure(await asked(t, silent, { deadlineMs: 50 })), "timeout");
    const slow: RequestListener = (_, response) => void response.write("half");
    assert.equal(await failure(await asked(t, slow, { deadlineMs: 50 })), "timeout");
  });

  test("ends when it is not waited for any more", async (t) => {
    const silent: RequestListener = () => undefined;
    const signal = AbortSignal.timeout(50);
    assert.equal(await failure(await asked(t, silent, { signal })), "stopped");
    assert.equal(await failure(await asked(t, silent, { signal: AbortSignal.abort() })), "stopped");
  });

  test("says when nobody listens", async (t) => {
    const server = await opened(t, createServer());
    const url = new URL(`http://127.0.0.1:${portOf(server)}/`);
    await new Promise((resolve) => server.close(resolve));
    const ask = () =>
      secretExchange({ network: DIRECT, method: "POST", url, headers: {}, signal: NEVER });
    assert.equal(await failure(ask), "unreachable");
  });
});
