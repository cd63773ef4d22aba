import http, { type IncomingMessage, type ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import {
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
  SLOW_CLIENTS_CHECK_MS,
} from "../limits.ts";
import { NO_READER } from "../store/snapshot.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionLimits, Dropped } from "./connection-policy.ts";
import { Connections } from "./connections.ts";
import { awaitFirstRequest } from "./first-request.ts";
import type { Handler } from "./handler.ts";
import { readRequest, type Request } from "./request.ts";
import { errorResponse, type Response } from "./response.ts";
import { Sender } from "./sender.ts";
import type { SocketFile } from "./socket-file.ts";

export interface Listener {
  /** Soon accepts no more connections, gives the requests under way that long, then closes the rest. */
  close(graceMs: number): Promise<void>;
}

/** What every listener needs, wherever it listens. */
export interface ServerOptions {
  /** The variable that says where, for errors. */
  readonly variable: string;
  readonly limits: ConnectionLimits;
  /** Told of every connection that is closed because there are too many. */
  readonly onDropped: (reason: Dropped) => void;
}

/** A handler behind HTTP, not listening yet; the only file that serves with node:http. */
export class HttpServer {
  readonly net: NetServer;
  /** Set once it listens. */
  handler: Handler = () => NOT_READY;
  readonly #connections: Connections;
  readonly #sender = new Sender();
  /** Resolved once it accepts no more; set as soon as that is near. */
  #closing: PromiseWithResolvers<void> | undefined;

  constructor({ limits, onDropped }: ServerOptions) {
    const connections = new Connections(limits, onDropped);
    const onRequest = (message: IncomingMessage, res: ServerResponse): void => {
      this.#serve(message, res, connections.of(message.socket));
    };
    const server = http.createServer(
      {
        // A missing Host header is ours to answer.
        requireHostHeader: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: SLOW_CLIENTS_CHECK_MS,
      },
      onRequest,
    );
    // A client may close its half of the connection once it has asked, and still gets its answer. Node.js
    // has this switch from its beginning, and its types do not.
    Reflect.set(server, "httpAllowHalfOpen", true);
    // Node would answer in its own words to an Expect that it does not know, and not at all to CONNECT.
    server.on("checkExpectation", onRequest);
    server.on("connect", (message: IncomingMessage) => {
      const connection = connections.of(message.socket);
      const response = this.handler(requestOf(message, connection));
      endWith(connection, response instanceof Promise ? BAD_REQUEST : response);
    });
    const [serveHttp] = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      // One for each answer of a pipeline that waits for its turn, and one for each request that waits for a change.
      socket.setMaxListeners(0);
      const connection = connections.add(socket);
      connection.onTrusted = awaitFirstRequest(socket, {
        onHead: () => serveHttp?.call(server, socket),
        onTooManyLines: () => endWith(connection, TOO_LARGE),
        onTimeout: () => endWith(connection, TIMEOUT),
      });
    });
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
      refuse(error, connections.of(socket)),
    );
    this.net = server;
    this.#connections = connections;
  }

  /**
   * Who waits for an answer opens no new connection, and one that the kernel holds when the listener is closed
   * is lost: so answers are held back until it is.
   *
   * @param file - of the socket on which it listens.
   */
  async close(graceMs: number, file?: SocketFile): Promise<void> {
    this.#closing = Promise.withResolvers();
    const fractionMs = graceMs / 5;
    file?.remove();
    if (graceMs > 0) await this.#connections.allAccepted(fractionMs);
    // Not the close of http.Server, which cuts answers short: see Connections.
    const stop = (): void => void NetServer.prototype.close.call(this.net);
    if (file === undefined) stop();
    else file.leave(stop);
    this.#closing.resolve();
    await this.#connections.drain(graceMs, fractionMs);
  }

  #serve(message: IncomingMessage, res: ServerResponse, connection: Connection): void {
    if (connection.isClosing) return;
    connection.isNew = false;
    const response = this.handler(requestOf(message, connection));
    if (!(response instanceof Promise) && this.#closing === undefined) {
      this.#sender.send(res, response, connection);
      return;
    }
    connection.await();
    const finish = (late: Response): void => {
      connection.answered();
      if (late.lease?.isWiped === true) {
        late.lease.release(NO_READER);
        this.#serve(message, res, connection);
        return;
      }
      if (this.#closing !== undefined && !connection.isAwaited) res.shouldKeepAlive = false;
      this.#sender.send(res, late, connection);
    };
    this.#heldBack(response).then(finish, () => finish(INTERNAL));
  }

  async #heldBack(response: Response | Promise<Response>): Promise<Response> {
    const made = await response;
    await this.#closing?.promise;
    return made;
  }
}

function requestOf({ method, url, rawHeaders }: IncomingMessage, connection: Connection): Request {
  return readRequest(method ?? "", url ?? "", rawHeaders, connection);
}

/** What cannot be read as HTTP gets an answer in our form, where there is still someone to read it. */
function refuse(error: NodeJS.ErrnoException, connection: Connection): void {
  if (!connection.socket.writable || error.code === "ECONNRESET") {
    connection.socket.destroy();
    return;
  }
  endWith(connection, CLIENT_ERRORS.get(error.code ?? "") ?? BAD_REQUEST);
}

/** Answers without the help of node:http, and closes the connection. */
function endWith(connection: Connection, response: Response): void {
  const lines = [`HTTP/1.1 ${response.status} ${http.STATUS_CODES[response.status] ?? ""}`];
  for (let index = 0; index + 1 < response.headers.length; index += 2) {
    lines.push(`${response.headers[index] ?? ""}: ${response.headers[index + 1] ?? ""}`);
  }
  lines.push("Connection: close", "", response.body?.toString() ?? "");
  connection.endWith(lines.join("\r\n"));
}

const NOT_READY = errorResponse(503, "Secrets not yet loaded");
const INTERNAL = errorResponse(500, "Internal error");
const BAD_REQUEST = errorResponse(400, "Bad request");
const TIMEOUT = errorResponse(408, "Request timeout");
const TOO_LARGE = errorResponse(431, "Request headers too large");
const CLIENT_ERRORS: ReadonlyMap<string, Response> = new Map([
  ["HPE_HEADER_OVERFLOW", TOO_LARGE],
  ["ERR_HTTP_REQUEST_TIMEOUT", TIMEOUT],
]);
