/**
 * The load generator, a process of its own so that its work is not the server's. Raw sockets that
 * stay open, one request under way on each; an answer is complete when as many bytes have come as
 * the first answer had, so nothing is parsed.
 *
 * It is given a `Target`, then one `Order` after the other, and answers each with a `Round`.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { quantile } from "./stats.ts";

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  readonly connections: number;
}

export interface Order {
  readonly requests: number;
}

export interface Round {
  readonly wallMs: number;
  readonly p99Ms: number;
}

/** An agent closes connections that have not shown the token where there are more than 256. */
const OPENED_AT_ONCE = 64;

class Connection {
  readonly opened: Promise<unknown>;
  #received = 0;
  #answerBytes = 0;
  #sentAt = 0;
  readonly #request: string;
  readonly #socket;
  #answered: (ms: number) => void = () => undefined;

  constructor({ port, path, token }: Target) {
    this.#request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const onread = {
      buffer: Buffer.allocUnsafeSlow(256 * 1024),
      callback: (bytes: number, buffer: Uint8Array) => this.#receive(bytes, buffer),
    };
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true, onread });
    this.#socket.on("close", () => fail("the server closed a connection"));
    this.opened = once(this.#socket, "connect");
  }

  send(answered: (ms: number) => void): void {
    this.#answered = answered;
    this.#sentAt = performance.now();
    this.#socket.write(this.#request, "latin1");
  }

  #receive(bytes: number, buffer: Uint8Array): boolean {
    if (this.#received === 0) this.#begin(buffer.subarray(0, bytes));
    this.#received += bytes;
    if (this.#received > this.#answerBytes) fail("an answer is longer than the first one");
    if (this.#received < this.#answerBytes) return true;
    this.#received = 0;
    this.#answered(performance.now() - this.#sentAt);
    return true;
  }

  #begin(chunk: Uint8Array): void {
    // The 2 of "HTTP/1.1 200".
    if (chunk[9] !== 0x32) fail(Buffer.from(chunk).toString("latin1"));
    if (this.#answerBytes > 0) return;
    const text = Buffer.from(chunk).toString("latin1");
    const head = text.indexOf("\r\n\r\n");
    this.#answerBytes = head + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1]);
    if (head === -1 || Number.isNaN(this.#answerBytes)) fail(text);
  }
}

function fail(problem: string): never {
  process.stderr.write(`load: ${problem}\n`);
  process.exit(1);
}

function run(connections: readonly Connection[], { requests }: Order): Promise<Round> {
  const times = new Float64Array(requests);
  const started = performance.now();
  let sent = 0;
  let answered = 0;
  return new Promise((resolve) => {
    const next = (connection: Connection): void => {
      if (sent === requests) return;
      sent++;
      connection.send((ms) => {
        times[answered++] = ms;
        next(connection);
        if (answered < requests) return;
        resolve({ wallMs: performance.now() - started, p99Ms: quantile(times, 0.99) });
      });
    };
    for (const connection of connections) next(connection);
  });
}

if (import.meta.main) {
  const [target] = (await once(process, "message")) as [Target];
  const connections: Connection[] = [];
  while (connections.length < target.connections) {
    const length = Math.min(OPENED_AT_ONCE, target.connections - connections.length);
    const some = Array.from({ length }, () => new Connection(target));
    await Promise.all(some.map(async ({ opened }) => opened));
    await Promise.all(some.map(async (one) => new Promise<number>((done) => one.send(done))));
    connections.push(...some);
  }
  process.on("message", (order: Order) => {
    void run(connections, order).then((round) => process.send?.(round));
  });
  process.on("disconnect", () => process.exit());
  process.send?.("ready");
}
