import assert from "node:assert/strict";
import { Agent, createServer, request } from "node:http";
import { test } from "node:test";
import { IdleConnections } from "../../../src/net/idle-connections.ts";
import { opened, portOf } from "../../support/names-here.ts";

test("connections are kept from request to request, but not over a freeze", async (t) => {
  const server = await opened(
    t,
    createServer(({ socket }, response) => response.end(String(socket.remotePort))),
  );
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  let nowMs = 1_000_000;
  const idle = new IdleConnections(agent, () => nowMs);
  const ask = async (): Promise<string> => {
    idle.use();
    const { promise, resolve } = Promise.withResolvers<string>();
    request({ port: portOf(server), agent }, (response) => {
      void response.toArray().then((chunks) => resolve(chunks.join("")));
    }).end();
    const port = await promise;
    await new Promise(setImmediate);
    return port;
  };
  const first = await ask();
  nowMs += 4_000;
  assert.equal(await ask(), first);
  nowMs += 60_000;
  const second = await ask();
  assert.notEqual(second, first);
  assert.equal(await ask(), second);
});
