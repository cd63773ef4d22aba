import assert from "node:assert/strict";
import { exchange } from "../../../src/net/exchange.ts";
import { networkIn } from "../../support/network.ts";
import { ANSWER_WORDS, answers } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

/** Is shown to the proxy, and must stand in no message. */
const PASSWORD = "zQ7xK9vW";
const PATIENCE_MS = 2_000;

const proxy = await answers(() => "{}");
const address = `http://user:${PASSWORD}@127.0.0.1:${proxy.port}`;
const network = networkIn({ HTTPS_PROXY: address, HTTP_PROXY: address });
const signal = new AbortController().signal;

/** What a proxy answers to CONNECT and to a request in the clear; the first byte of the input says which. */
export const target: FuzzTarget = {
  maxBytes: 500,
  close: () => proxy.close(),
  seeds: [
    "cHTTP/1.1 200 Connection established\r\n\r\n",
    "cHTTP/1.1 200 x\r\n\r\nmore than was asked for",
    "cHTTP/1.1 407 x\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
    "cHTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno",
    "cHTTP/1.1 502 x\r\n\r\n",
    "cHTTP/1.1 101 x\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "cHTTP/1.1 200 x\r\n\r\n\x16\x03\x01\0\x05\x01\0\0\x01\0",
    "cHTTP/1.1 200 x\r\n\r\n\x15\x03\x03\0\x02\x02\x28",
    "p{}",
    "pHTTP/1.1 407 x\r\ncontent-length: 0\r\n\r\n",
    "pHTTP/1.1 302 x\r\nlocation: http://service.example/b\r\n\r\n<next>{}",
    "pHTTP/1.1 302 x\r\nlocation: https://service.example/b\r\n\r\n<next>HTTP/1.1 200 x\r\n\r\n",
  ],
  words: [
    ...ANSWER_WORDS,
    "HTTP/1.1 100 x\r\n\r\n",
    "HTTP/1.1 101 x\r\n",
    "HTTP/1.1 407 x\r\n",
    "proxy-authenticate: ",
    "proxy-connection: ",
    "connection: ",
    "upgrade: ",
    "\x16\x03\x01",
    "\x15\x03\x03\0\x02\x02",
    "service.example",
  ],
  async run(input) {
    proxy.begin(input.subarray(1));
    const scheme = input[0] === "p".charCodeAt(0) ? "http" : "https";
    const came = await exchange({
      network,
      method: "GET",
      url: new URL(`${scheme}://service.example/a`),
      headers: { authorization: "x" },
      signal,
      deadlineMs: PATIENCE_MS,
      redirects: "follow",
    });
    if (came.kind === "answer") {
      // Nobody there can show a certificate.
      assert.equal(
        came.url.protocol,
        "http:",
        "an answer of the proxy was taken for one of the host",
      );
      assert.notEqual(came.status, 407);
      return;
    }
    assert.ok(!/[\n\r]/.test(came.problem), "more than a line");
    assert.ok(!came.problem.includes(PASSWORD), "the password is in the message");
    assert.notEqual(came.failure, "stopped");
  },
};
