import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { errorResponse } from "../../../src/server/response.ts";
import { openOwnListener, ownListener } from "../../support/own-listener.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const CLIENTS = 300;
const ROUNDS = 40;

/** Connects and asks so often at once, says so by a file, and prints how many answers came. */
const CROWD = `
const { connect } = require("node:net");
const [port, count, marker] = process.argv.slice(1);
let asked = 0, answered = 0, closed = 0;
for (let index = 0; index < count; index++) {
  const socket = connect(port, "127.0.0.1", () => {
    socket.write("GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n", () => {
      if (++asked == count) require("node:fs").writeFileSync(marker, "");
    });
  });
  socket.once("data", () => answered++);
  socket.on("error", () => undefined);
  socket.on("close", () => ++closed == count && console.log(answered));
}`;

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const answer = errorResponse(200, "all is well");

async function connected(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** How a connection to a port fails, or that it does not. */
async function refusal(port: number): Promise<string | undefined> {
  const socket = connect(port, "127.0.0.1");
  return new Promise((resolve) => {
    socket.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    socket.once("connect", () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}

test("a listener that closes answers all who asked before, though none of them was accepted yet", async (t) => {
  const listener = await ownListener(t, {
    handler: () => () => answer,
    limits: { unproven: 2 * CLIENTS, trusted: CLIENTS },
  });
  const marker = join(await temporaryDirectory(t), "asked");
  const args = ["-e", CROWD, String(listener.port), String(CLIENTS), marker];
  const crowd = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => crowd.kill("SIGKILL"));
  let said = "";
  crowd.stdout.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  const ended = new Promise((resolve) => crowd.once("close", resolve));
  // The event loop stands still, as on a machine that has other things to do.
  while (!existsSync(marker)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  await listener.close(30_000);
  await ended;
  assert.equal(said.trim(), String(CLIENTS));
});

test("who has an answer of a listener that closes may ask again, and is refused", async (t) => {
  const listener = await ownListener(t, { handler: () => () => answer });
  const socket = await connected(t, listener.port);
  const closing = listener.close(5_000);
  socket.write(REQUEST);
  // What asks again after an answer, as fast as it can, would be in the kernel's queue when it is closed.
  await new Promise((resolve) => socket.once("data", resolve));
  assert.equal(await refusal(listener.port), "ECONNREFUSED");
  await closing;
});

test("a client that was connected before a listener closed, and was kept from asking, is answered", async (t) => {
  const listener = await ownListener(t, { handler: () => () => answer });
  const socket = await connected(t, listener.port);
  const answered = text(socket);
  const closing = listener.close(5_000);
  await eventually("it is closed", async () => (await refusal(listener.port)) === "ECONNREFUSED");
  // Longer than an answered connection is kept for more.
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.write(REQUEST);
  assert.match(await answered, /^HTTP\/1\.1 200 .*Connection: close.*all is well/s);
  await closing;
});

interface Ends {
  readonly answered: number;
  readonly reset: number;
  readonly unanswered: number;
  readonly cut: number;
}

test("clients who ask again and again are answered or refused when a listener closes", async (t) => {
  const program = join(import.meta.dirname, "../../support/asking-again.mjs");
  const clients = spawn(process.execPath, [program, "2"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => clients.kill("SIGKILL"));
  const lines = createInterface({ input: clients.stdout })[Symbol.asyncIterator]();
  const all = { answered: 0, reset: 0, unanswered: 0, cut: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    let requests = 0;
    const handler = (): typeof answer => {
      requests++;
      return answer;
    };
    const listener = await openOwnListener({ handler: () => handler });
    clients.stdin.write(`${listener.port}\n`);
    await eventually("they ask", () => requests > 20 + round, 10_000, 1);
    await listener.close(5_000);
    const { value } = await lines.next();
    const ends = JSON.parse(String(value)) as Ends;
    all.answered += ends.answered;
    all.reset += ends.reset;
    all.unanswered += ends.unanswered;
    all.cut += ends.cut;
  }
  t.diagnostic(JSON.stringify(all));
  assert.deepEqual(
    { ...all, answered: 0, reset: 0 },
    { answered: 0, reset: 0, unanswered: 0, cut: 0 },
  );
  // Between the last look at the kernel's queue and its end a machine may do something else.
  assert.ok(all.reset <= 1, `${all.reset} connections in ${ROUNDS} rounds were reset`);
});
