import net from "node:net";
import type { Address } from "../config/listeners.ts";
import { AgentError, systemCode } from "../errors.ts";
import { LISTEN_BACKLOG } from "../limits.ts";
import type { Handler } from "./handler.ts";
import { HttpServer, type Listener, type ServerOptions } from "./http-server.ts";

export interface TcpListener extends Listener {
  readonly port: number;
}

export interface ListenOptions extends ServerOptions {
  readonly address: Address;
  /** Made once the port is known, which the Host check needs. */
  readonly handler: (port: number) => Handler;
}

/**
 * Puts a handler on a port.
 *
 * @throws AgentError `listen_failed`.
 */
export async function listen(options: ListenOptions): Promise<TcpListener> {
  const server = new HttpServer(options);
  try {
    await new Promise<void>((resolve, reject) => {
      server.net.once("error", reject);
      server.net.listen(boundTo(options.address), LISTEN_BACKLOG, resolve);
    });
  } catch (error) {
    throw listenError(error, options);
  }
  const bound = server.net.address();
  const actualPort =
    typeof bound === "object" && bound !== null ? bound.port : options.address.port;
  server.handler = options.handler(actualPort);
  return { port: actualPort, close: (graceMs) => server.close(graceMs) };
}

/**
 * What a server listens on. Given an IPv4 address, `listen` compiles the expression for those of IPv6, some 4 ms of
 * each start; a socket that is bound already (Node.js 26.4) spares that. In a worker of a cluster only `listen`
 * knows how to share a port with the others.
 */
function boundTo(address: Address): net.BoundSocket | Address {
  const isNumeric = net.isIPv4(address.host) && Reflect.has(net, "BoundSocket");
  const isAlone = (): boolean => process.getBuiltinModule("node:cluster").isPrimary;
  return isNumeric && isAlone() ? new net.BoundSocket({ ...address }) : address;
}

function listenError(error: unknown, { address, variable }: ListenOptions): AgentError {
  const where = `port ${address.port} of ${address.host}`;
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return new AgentError(
        "listen_failed",
        `${where} is in use; stop the other program, or set ${variable} to another port`,
      );
    case "EACCES":
      return new AgentError(
        "listen_failed",
        `${where} is not allowed to this user; set ${variable} to a port from 1024 up`,
      );
    default:
      return new AgentError(
        "listen_failed",
        `${where} cannot be listened on (${systemCode(error) ?? "unknown error"}); check ${variable}`,
      );
  }
}
