import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { answerWith, type Listener } from "./answer.ts";
import { certificateFor } from "./certificate.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Names of the outside world that lead to a server of the test's. */
export interface NamesHere {
  /** For a process: a proxy for https, and the certificate to trust. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Serves some https names from here: a proxy takes their connections to a server that has a
 * certificate for them. The agent under test needs to know nothing of it but the standard variables.
 */
export async function namesHere(
  context: Pick<TestContext, "after">,
  hosts: readonly string[],
  listener: Listener,
): Promise<NamesHere> {
  const { cert, key } = certificateFor(hosts);
  const server = await opened(context, createTlsServer({ cert, key }, answerWith(listener)));
  const proxy = createServer();
  proxy.on("connect", ({ url = "" }, client: Socket) => {
    client.on("error", () => undefined);
    if (!hosts.some((host) => url === `${host}:443`)) {
      client.end("HTTP/1.1 502 No such name here\r\n\r\n");
      return;
    }
    const upstream = connect(portOf(server), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await opened(context, proxy);

  const certificate = join(await temporaryDirectory(context), "ca.pem");
  await writeFile(certificate, cert);
  return {
    env: {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NODE_EXTRA_CA_CERTS: certificate,
    },
  };
}

/** Listens on a port of its own until the test ends, and then cuts every connection. */
export async function opened<Any extends Server>(
  context: Pick<TestContext, "after">,
  server: Any,
): Promise<Any> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
