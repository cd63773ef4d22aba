/**
 * What the agent is measured against: node:http and nothing else, answering every request with one
 * body after the two header checks without which nobody would serve a secret. It sends the headers
 * that the agent sends.
 *
 *   node bare-server.js <port> <token> <file with the body> [<ETag>]
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port = "", token = "", bodyFile = "", etag] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const host = `127.0.0.1:${port}`;
const authorization = `Bearer ${token}`;
const headers: Record<string, string | number> = {
  "Content-Type": "application/json; charset=utf-8",
  "Content-Length": body.length,
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
  response.end(body);
}).listen(Number(port), "127.0.0.1");
