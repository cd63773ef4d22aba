import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure } from "../../tools/expect.ts";
import { exchange } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const AUTH = `Authorization: Bearer ${TOKEN}`;
const hidden = (host: string): string =>
  `GET /v1/secrets HTTP/1.1\r\nHost: ${host}\r\n${AUTH}\r\n\r\n`;

/** Requests of which a proxy and a server may see different ones. */
const REQUESTS: Readonly<Record<string, (host: string) => string>> = {
  "two Host headers": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost: ${host}\r\nHost: example.com\r\n${AUTH}\r\n\r\n`,
  "two Host headers, the right one last": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost: example.com\r\nHost: ${host}\r\n${AUTH}\r\n\r\n`,
  "another Host in the request line": (host) =>
    `GET http://example.com/v1/secrets HTTP/1.1\r\nHost: ${host}\r\n${AUTH}\r\n\r\n`,
  "a blank before a colon": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost : ${host}\r\n${AUTH}\r\n\r\n`,
  "a folded header": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost: example.com\r\n ${host}\r\n${AUTH}\r\n\r\n`,
  "a newline alone": (host) => `GET /v1/secrets HTTP/1.1\nHost: ${host}\n${AUTH}\n\n`,
  "a NUL in a header": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost: ${host}\r\n${AUTH}\r\nX: a\0b\r\n\r\n`,
  "a bare carriage return": (host) =>
    `GET /v1/secrets HTTP/1.1\r\nHost: ${host}\r\n${AUTH}\r\nX: a\rb\r\n\r\n`,
  "an unknown version": (host) => `GET /v1/secrets HTTP/3.7\r\nHost: ${host}\r\n${AUTH}\r\n\r\n`,
};

/** A request in the body of another, of which the length is told in two ways. */
const BODIES: Readonly<Record<string, string>> = {
  "a length beside chunks": "Content-Length: 4\r\nTransfer-Encoding: chunked",
  "two lengths": "Content-Length: 0\r\nContent-Length: 200",
  "a list of lengths": "Content-Length: 0, 200",
  "a length below zero": "Content-Length: -1",
  "a length with a sign": "Content-Length: +0",
  "a length in hex": "Content-Length: 0x0",
  "chunks that are not named last": "Transfer-Encoding: chunked, identity",
  "an encoding nobody knows": "Transfer-Encoding: xchunked",
};

async function neverGives(name: string, port: number, bytes: string, value: string): Promise<void> {
  const answer = await exchange(port, bytes, undefined, 1_500);
  ensure(!answer.includes(value), `${name} gives the secret: ${answer.slice(0, 200)}`);
  ensure(!/^HTTP\/1\.1 2/m.test(answer), `${name} is answered: ${answer.slice(0, 200)}`);
}

export const cases: readonly Case[] = [
  ...Object.entries(REQUESTS).map(([name, bytes]): Case => ({
    name: `a request with ${name}`,
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      await neverGives(name, agent.port, bytes(`127.0.0.1:${agent.port}`), value);
    },
  })),
  ...Object.entries(BODIES).map(([name, headers]): Case => ({
    name: `a request inside of one with ${name}`,
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      const host = `127.0.0.1:${agent.port}`;
      // The outer one has no token, so that a secret can only come of the inner one.
      const outer = `POST /v1/secrets HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n\r\n0\r\n\r\n`;
      await neverGives(name, agent.port, outer + hidden(host), value);
    },
  })),
];
