import type * as NodeHttps from "node:https";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { ARTIFACT_MAX_BYTES, ERROR_BODY_MAX_BYTES } from "../limits.ts";
import { http } from "../system/http.ts";
import { scrubStack } from "../system/scrub-stack.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { IdleConnections } from "./idle-connections.ts";
import { bounded, type Exchange, failed, type HttpRequest } from "./exchange.ts";

const https: typeof NodeHttps = process.getBuiltinModule("node:https");

const HTTPS = [https, new IdleConnections(() => https.globalAgent, Date.now)] as const;
const HTTP = [http, new IdleConnections(() => http.globalAgent, Date.now)] as const;

/** `SSL_OP_CLEANSE_PLAINTEXT` of OpenSSL, which node:crypto does not name. */
const CLEANSE_PLAINTEXT = 0x2;

/**
 * `exchange` for an answer that holds a secret: every buffer on the way of its body is wiped, which the
 * client behind `fetch` does not let anybody do. The body belongs to the caller. Redirects are returned.
 * Never throws.
 */
export function secretExchange(request: Omit<HttpRequest, "redirects">): Promise<Exchange> {
  return bounded(request, async (signal) => {
    const response = await respond(request, signal);
    const status = response.statusCode ?? 0;
    const good = status >= 200 && status < 300;
    const maxBytes = good ? (request.maxBytes ?? ARTIFACT_MAX_BYTES) : ERROR_BODY_MAX_BYTES;
    const bytes = await readAndWipe(response, maxBytes);
    if (bytes === undefined && good) {
      return failed(request, "too_large", `sends more than ${maxBytes} bytes`);
    }
    const headers = headersOf(response);
    return { kind: "answer", status, headers, bytes: bytes ?? Buffer.alloc(0), url: request.url };
  });
}

function respond(
  { method, url, headers, body }: Omit<HttpRequest, "redirects">,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const [client, idle] = url.protocol === "https:" ? HTTPS : HTTP;
    idle.use();
    const options = { method, headers, signal, secureOptions: CLEANSE_PLAINTEXT };
    const sent: ClientRequest = client.request(url, options, resolve);
    sent.on("error", (error) => {
      // The next try is to find out whether the service is there, and not whether other connections are.
      if (sent.reusedSocket) idle.close();
      reject(error);
    });
    sent.on("socket", wipeWhatIsRead);
    sent.end(body);
  });
}

const wiping = new WeakSet<Socket>();

/**
 * By the time this wipes it, the parser has copied the body out of what the socket read. Once for each
 * connection, which serves many requests.
 */
function wipeWhatIsRead(socket: Socket): void {
  if (wiping.has(socket)) return;
  wiping.add(socket);
  socket.on("data", (chunk: Buffer) => {
    setImmediate(() => {
      chunk.fill(0);
      scrubStack();
    });
  });
}

/** @returns undefined for a body of more than `maxBytes`; the connection is closed then. */
async function readAndWipe(
  response: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    if (Number(response.headers["content-length"] ?? 0) > maxBytes) return undefined;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) return undefined;
    }
    const whole = secretBuffer(length);
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(whole, at);
    return whole;
  } finally {
    for (const chunk of chunks) chunk.fill(0);
    if (!response.complete) response.destroy();
  }
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}
