import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { World } from "../suite/world.ts";
import type { Certificate } from "./certificate.ts";

/** Answers for any https host, whose name is in the Host header. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A proxy on 127.0.0.1 that answers in the place of the hosts behind it. */
export interface Proxy {
  readonly url: string;
  readonly port: number;
  /** What it was asked to connect to, or to fetch. */
  readonly asked: readonly string[];
}

/** @param certificate - what it shows for every https host. */
export async function startProxy(
  world: World,
  certificate: Certificate,
  answer: Answering,
): Promise<Proxy> {
  const asked: string[] = [];
  const secure = createSecureServer(certificate, answer);
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  const sockets = new Set<Socket>();
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? "");
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    secure.emit("connection", socket);
  });
  secure.on("tlsClientError", () => undefined);
  const port = await listening(proxy);
  world.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

/** An https server on 127.0.0.1; gives its port. */
export async function startSecure(
  world: World,
  options: Parameters<typeof createSecureServer>[0],
  answer: Answering,
): Promise<number> {
  const server = createSecureServer(options, answer);
  server.on("tlsClientError", () => undefined);
  const port = await listening(server);
  world.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

async function listening(
  server: Pick<Server, "listen" | "address"> & NodeJS.EventEmitter,
): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
