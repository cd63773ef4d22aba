import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { ARTIFACT_MAX_BYTES, ERROR_BODY_MAX_BYTES } from "../limits.ts";
import { scrubStack } from "../system/scrub-stack.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { answerHeaders } from "./answer-headers.ts";
import { bounded } from "./bounded.ts";
import { type HttpRequest, speaker } from "./exchange.ts";
import { type Exchange, failed } from "./outcome.ts";
import { send } from "./send.ts";

/**
 * `exchange` for an answer that holds a secret: every buffer on the way of its body is wiped, which the
 * client behind `fetch` does not let anybody do. The body belongs to the caller. Redirects are returned.
 * Never throws.
 */
export function secretExchange(request: Omit<HttpRequest, "redirects">): Promise<Exchange> {
  return bounded(request, async (signal, onWay) => {
    const { method, url, headers: sent, body, network } = request;
    const way = await network.way(url, true);
    onWay(way, url);
    const response = await send(way, {
      method,
      headers: sent,
      body,
      signal,
      onSocket: wipeWhatIsRead,
    });
    const status = response.statusCode ?? 0;
    const good = status >= 200 && status < 300;
    const maxBytes = good ? (request.maxBytes ?? ARTIFACT_MAX_BYTES) : ERROR_BODY_MAX_BYTES;
    const bytes = await readAndWipe(response, maxBytes);
    if (bytes === undefined && good) {
      return failed(url, "too_large", `sends more than ${maxBytes} bytes`);
    }
    const headers = answerHeaders(response);
    const through = speaker(way);
    return { kind: "answer", status, headers, bytes: bytes ?? Buffer.alloc(0), url, through };
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
