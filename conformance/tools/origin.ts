import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./expect.ts";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** When, by performance.now(). */
  readonly at: number;
}

/** Answers in the place of what the origin would say. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** An origin on 127.0.0.1 that holds one body, with an ETag, and does as it is told. */
export class Origin {
  readonly server: Server;
  readonly asked: Asked[] = [];
  /** Undefined serves the body. */
  behaviour: Behaviour | undefined;
  #body: Buffer = Buffer.alloc(0);

  constructor(server: Server) {
    this.server = server;
    server.on("request", (request, response) => {
      const { method = "", url = "", headers } = request;
      this.asked.push({ method, url, headers, at: performance.now() });
      if (this.behaviour === undefined) this.answer(request, response);
      else this.behaviour(request, response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/artifact.json`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  put(body: string | object): void {
    if (typeof body === "string") this.#body = Buffer.from(body);
    else this.#body = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  }

  /** Gives what it holds, or 304 to whoever has it. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    const etag = `"${createHash("sha256").update(this.#body).digest("hex").slice(0, 16)}"`;
    const has = request.headers["if-none-match"] === etag;
    response.writeHead(has ? 304 : 200, { etag, "content-type": "application/json" });
    response.end(has ? undefined : this.#body);
  }

  /** Answers with this status and these headers from now on. */
  refuse(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.behaviour = (_request, response) => void response.writeHead(status, headers).end("no");
  }

  /** Drops every connection from now on, as a network that is gone. */
  hangUp(): void {
    this.behaviour = (request) => void request.socket.destroy();
  }

  /** Waits until it was asked so many times more. */
  async askedAgain(times = 1, seconds?: number): Promise<void> {
    const enough = this.asked.length + times;
    await eventually(
      `the origin is asked again (${this.asked.length} times so far)`,
      () => this.asked.length >= enough,
      seconds,
    );
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    if (this.server.listening) await once(this.server, "close");
  }
}

export async function startOrigin(): Promise<Origin> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new Origin(server);
}
