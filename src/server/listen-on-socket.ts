import type { SocketConfig } from "../config/listeners.ts";
import type { Log } from "../telemetry/log.ts";
import type { Handler } from "./handler.ts";
import { HttpServer, type Listener, type ServerOptions } from "./http-server.ts";
import { openSocketDirectory } from "./socket-directory.ts";
import { listenOnFile } from "./socket-file.ts";

export interface SocketOptions extends ServerOptions {
  readonly socket: SocketConfig;
  readonly handler: Handler;
  readonly log: Log;
}

/**
 * Puts a handler on a Unix socket (contract, section 3).
 *
 * @throws AgentError `listen_failed`.
 */
export async function listenOnSocket(options: SocketOptions): Promise<Listener> {
  const { socket, handler, log } = options;
  await openSocketDirectory(socket, log);
  const server = new HttpServer(options);
  const file = await listenOnFile(server.net, socket);
  server.handler = handler;
  return { close: (graceMs) => server.close(graceMs, file) };
}
