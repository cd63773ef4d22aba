import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { eventually } from "./temporary.ts";

/** One request, and what a healthy origin would answer it with. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly etag: string;
}

/** How the origin treats a request. */
export type Behaviour = (exchange: Exchange) => void;

/** An origin over real sockets, on a port of its own, that does what it is told. */
export class Origin {
  /** What it holds. */
  artifact = "";
  behaviour: Behaviour = healthy;
  /** Requests that reached it, and how many of them came with an ETag. */
  requests = 0;
  conditional = 0;
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests++;
      if (request.headers["if-none-match"] !== undefined) this.conditional++;
      // A client that gave up is no error of ours.
      response.on("error", () => undefined);
      const body = Buffer.from(this.artifact);
      this.behaviour({ request, response, body, etag: etagOf(body) });
    });
  }

  static async start(context: Pick<TestContext, "after">): Promise<Origin> {
    const origin = new Origin();
    await origin.up();
    context.after(() => origin.down());
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/artifact.json`;
  }

  /** Nobody listens from now on: connections are refused, those that were open are gone. */
  async down(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens, at the address it had before. */
  async up(): Promise<void> {
    if (this.#server.listening) return;
    await eventually(`the port ${this.#port} of the origin is free again`, () => this.#listen());
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #listen(): Promise<boolean> {
    return new Promise((resolve) => {
      const onError = (): void => resolve(false);
      this.#server.once("error", onError);
      this.#server.listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", onError);
        resolve(true);
      });
    });
  }
}

/** Answers with the artifact, or with 304 to a client that has it. */
export const healthy: Behaviour = ({ request, response, body, etag }) => {
  if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(200, { etag, "content-length": body.length }).end(body);
};

export function answering(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Behaviour {
  return ({ response }) => response.writeHead(status, headers).end(body);
}

/** Sends the whole artifact, with a pause in the middle. */
export function slow(pauseMs: number): Behaviour {
  return ({ response, body, etag }) => {
    const half = Math.ceil(body.length / 2);
    response.writeHead(200, { etag, "content-length": body.length });
    response.write(body.subarray(0, half));
    setTimeout(() => response.end(body.subarray(half)), pauseMs);
  };
}

/** Takes the request and never answers. */
export const hanging: Behaviour = () => undefined;

/** Sends half of the artifact and then nothing, with the connection open. */
export const stalling: Behaviour = ({ response, body }) => {
  response.writeHead(200, { "content-length": body.length });
  response.write(body.subarray(0, body.length / 2));
};

/** Closes the connection with a RST and without an answer. */
export const resetting: Behaviour = ({ request }) => {
  request.socket.resetAndDestroy();
};

/** Sends half of the promised bytes, then closes. */
export const truncating: Behaviour = ({ response, body }) => {
  response.writeHead(200, { "content-length": body.length });
  response.write(body.subarray(0, body.length / 2), () => response.destroy());
};

/** Sends half of the artifact as if that were all of it. */
export const cuttingShort: Behaviour = ({ response, body }) => {
  response.writeHead(200).end(body.subarray(0, body.length / 2));
};

/** Announces a body larger than an artifact may be. */
export const announcingTooMuch: Behaviour = ({ response }) => {
  response.writeHead(200, { "content-length": ARTIFACT_MAX_BYTES + 1 });
  response.write("{");
};

const SPACES = Buffer.alloc(1024 * 1024, " ");

/** Sends without end and without announcing how much. */
export const endless: Behaviour = ({ response }) => {
  response.writeHead(200);
  const more = (): void => {
    while (response.writable && response.write(SPACES));
  };
  response.on("drain", more);
  more();
};

/** Says "unchanged" to everyone who names an ETag, whatever it holds. */
export const staleEtag: Behaviour = (exchange) => {
  if (exchange.request.headers["if-none-match"] === undefined) healthy(exchange);
  else exchange.response.writeHead(304).end();
};

/** Says "unchanged" even to those who hold nothing. */
export const alwaysNotModified: Behaviour = answering(304);

function etagOf(body: Buffer): string {
  return `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
}
