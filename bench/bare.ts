/** The least that a server of secrets can be: node:http and nothing else. */
import { createServer } from "node:http";

export interface Bare {
  readonly port: string;
  readonly token: string;
  readonly etag: string | undefined;
  /** What the answer to every request is. */
  readonly body: () => Buffer;
}

/**
 * Answers after the two header checks without which nobody would serve a secret, with the headers
 * that the agent sends.
 */
export function serveBare({ port, token, etag, body }: Bare): void {
  const host = `127.0.0.1:${port}`;
  const authorization = `Bearer ${token}`;
  const headers: Record<string, string | number> = {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": body().length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(etag === undefined ? {} : { ETag: etag }),
  };

  // The agent's keep-alive time, since it is named in a header.
  createServer({ keepAliveTimeout: 72_000 }, (request, response) => {
    if (request.headers.host !== host) {
      response.writeHead(403).end();
      return;
    }
    if (request.headers.authorization !== authorization) {
      response.writeHead(401).end();
      return;
    }
    response.writeHead(200, headers);
    response.end(body());
  }).listen(Number(port), "127.0.0.1");
}
