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
  const { host, port } = options.address;
  const server = new HttpServer(options);
  await new Promise<void>((resolve, reject) => {
    server.net.once("error", (error) => reject(listenError(error, options)));
    server.net.listen({ port, host, backlog: LISTEN_BACKLOG }, resolve);
  });
  const bound = server.net.address();
  const actualPort = typeof bound === "object" && bound !== null ? bound.port : port;
  server.handler = options.handler(actualPort);
  return { port: actualPort, close: (graceMs) => server.close(graceMs) };
}

function listenError(error: Error, { address, variable }: ListenOptions): AgentError {
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
