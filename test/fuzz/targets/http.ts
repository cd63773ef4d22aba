import assert from "node:assert/strict";
import { connect } from "node:net";
import { allowedHosts } from "../../../src/server/guards.ts";
import { createHandler } from "../../../src/server/handler.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { TokenGuard } from "../../../src/server/token.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { feedOf, idle, TOKEN } from "../../support/handler-client.ts";
import { openOwnListener } from "../../support/own-listener.ts";
import { snapshotOf } from "../../support/snapshots.ts";
import type { FuzzTarget } from "../target.ts";

const SECRET = "zQ7xK9vW";
const log = createLog({ level: "error", format: "json", write: () => undefined, now: () => 0 });
const open = idle();

const listener = await openOwnListener({
  handler: (port) =>
    createHandler({
      ...open,
      feed: feedOf(snapshotOf({ KEY: SECRET, app: { K: SECRET } }).snapshot),
      access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(port) },
      refusals: refusalsTo(log),
    }),
});

/** What comes back until the end, or until nothing came for a while: a request may wait for a change. */
function answerTo(input: Buffer): Promise<string> {
  return new Promise((resolve) => {
    // Addresses of their own, or a minute's connections would use up the ports of one.
    const last = (): number => 1 + Math.floor(Math.random() * 250);
    const localAddress = `127.${last()}.${last()}.${last()}`;
    const socket = connect({ port: listener.port, host: "127.0.0.1", localAddress });
    let answer = "";
    socket.setTimeout(40, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
    socket.end(input);
  });
}

const host = `host: 127.0.0.1:${listener.port}`;
const token = `authorization: Bearer ${TOKEN}`;

/** The bytes of HTTP requests, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 1500,
  close: () => listener.close(0),
  seeds: [
    `GET /v1/secrets HTTP/1.1\r\n${host}\r\n${token}\r\nconnection: close\r\n\r\n`,
    `GET /v1/secrets/app/K?format=flat HTTP/1.1\r\n${host}\r\n${token}\r\n\r\n`,
    `GET /v1/keys HTTP/1.1\r\n${host}\r\n\r\nGET /v1/health HTTP/1.1\r\n${host}\r\n\r\n`,
    `POST /v1/refresh HTTP/1.1\r\n${host}\r\n${token}\r\ncontent-length: 2\r\n\r\n{}`,
    `GET /v1/ready HTTP/1.0\r\n\r\n`,
    `GET /v1/secrets HTTP/1.1\r\n${host}\r\n${token}\r\nif-none-match: "x", *\r\nprefer: wait=1\r\n\r\n`,
    `POST /v1/secrets HTTP/1.1\r\n${host}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  words: [
    host,
    token,
    "\r\n",
    "\r\n\r\n",
    "HTTP/1.1",
    "GET ",
    "HEAD ",
    "/v1/secrets",
    "%2e",
    "%00",
    "/",
    "?",
    "x-forwarded-for: 1\r\n",
    "transfer-encoding: chunked\r\n",
    "content-length: 1\r\n",
    "expect: 100-continue\r\n",
    "upgrade: h2c\r\nconnection: upgrade\r\n",
    "\0",
  ],
  async run(input) {
    const answer = await answerTo(input);
    assert.ok(answer === "" || answer.startsWith("HTTP/1.1 "), answer.slice(0, 99));
    for (const [line] of answer.matchAll(/^HTTP\/1\.1 .*$/gm)) {
      assert.match(line, /^HTTP\/1\.1 (?:100|200|304|4\d\d|503) /);
    }
    if (!input.includes(TOKEN)) assert.ok(!answer.includes(SECRET), "a secret without the token");
    assert.ok(!/node:|\.ts\b|\n\s+at /.test(answer), "an internal message");
  },
};
