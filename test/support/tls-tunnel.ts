import { execFileSync, spawnSync } from "node:child_process";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./temporary.ts";

/** Why tests that need a certificate are passed over, or false. */
export const noOpenssl: string | false =
  spawnSync("openssl", ["version"]).status !== 0 && "openssl is not on this machine";

/**
 * Stands in for hosts of the internet: a server with a certificate for them, and the proxy that
 * leads an agent there whatever it connects to. Gives the agent's environment for it.
 */
export async function tunnelTo(
  context: TestContext,
  hosts: readonly string[],
  listener: RequestListener,
): Promise<Readonly<Record<string, string>>> {
  const directory = await temporaryDirectory(context);
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const names = hosts.map((host) => `DNS:${host}`).join(",");
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=t";
  execFileSync(
    "openssl",
    [...request.split(" "), "-addext", `subjectAltName=${names}`, "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, listener);
  const port = await listen(context, server);

  const proxy = createHttpServer((_, response) => response.writeHead(400).end());
  proxy.on("connect", (_, client, head: Buffer) => {
    const upstream = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  const proxyPort = await listen(context, proxy);
  return {
    HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
    NODE_EXTRA_CA_CERTS: cert,
  };
}

async function listen(
  context: TestContext,
  server: Server & { closeAllConnections(): void },
): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
