import type { IncomingMessage } from "node:http";
import { ARTIFACT_MAX_BYTES, ERROR_BODY_MAX_BYTES, MAX_REDIRECTS } from "../limits.ts";
import { answerHeaders } from "./answer-headers.ts";
import { readBody } from "./body.ts";
import { bounded, type Bounds, type OnWay } from "./bounded.ts";
import type { Network } from "./network.ts";
import { type Exchange, failed } from "./outcome.ts";
import { nameOf } from "./proxy-error.ts";
import { headersFor, isRedirect, redirectTarget } from "./redirect.ts";
import { type Outgoing, send } from "./send.ts";
import type { Way } from "./ways.ts";

export interface HttpRequest extends Bounds {
  /** The way there. */
  readonly network: Network;
  readonly method: Outgoing["method"];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Bytes of the body of a 2xx answer; `ARTIFACT_MAX_BYTES` without it. */
  readonly maxBytes?: number;
  /** `follow` goes to the same or a safer scheme; `return` hands the 3xx to the caller. */
  readonly redirects: "follow" | "return";
}

/**
 * The HTTP request of the agent, but for answers that hold secrets (`secretExchange`): a deadline from
 * first to last byte, a cap on the body while it streams in, and redirects only to the same or a safer
 * scheme. Credentials stay with the origin they were meant for. Never throws.
 */
export function exchange(request: HttpRequest): Promise<Exchange> {
  return bounded(request, (signal, onWay) => follow(request, signal, onWay));
}

async function follow(request: HttpRequest, signal: AbortSignal, onWay: OnWay): Promise<Exchange> {
  const { method, body, redirects, network } = request;
  let { url } = request;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    // oxlint-disable-next-line no-await-in-loop -- each hop depends on the one before
    const way = await network.way(url, false);
    onWay(way, url);
    const headers = headersFor(url, request.url, request.headers);
    // oxlint-disable-next-line no-await-in-loop -- each hop depends on the one before
    const response = await send(way, { method, headers, body, signal });
    if (redirects === "return" || !isRedirect(response.statusCode ?? 0)) {
      // oxlint-disable-next-line no-await-in-loop -- the last hop's body
      return await answer(response, url, request, way);
    }
    // Whatever body it has, nobody waits for its end.
    response.destroy();
    const target = redirectTarget(response.headers.location ?? null, url);
    if (typeof target === "string") return failed(url, "redirect", target);
    url = target;
  }
  return failed(request.url, "redirect", `redirects more than ${MAX_REDIRECTS} times`);
}

async function answer(
  response: IncomingMessage,
  url: URL,
  request: HttpRequest,
  way: Way,
): Promise<Exchange> {
  const status = response.statusCode ?? 0;
  const good = status >= 200 && status < 300;
  const maxBytes = good ? (request.maxBytes ?? ARTIFACT_MAX_BYTES) : ERROR_BODY_MAX_BYTES;
  const bytes = await readBody(response, { method: request.method, maxBytes });
  if (bytes === undefined && good) {
    return failed(url, "too_large", `sends more than ${maxBytes} bytes`);
  }
  return {
    kind: "answer",
    status,
    headers: answerHeaders(response),
    bytes: bytes ?? Buffer.alloc(0),
    url,
    through: speaker(way),
  };
}

/** The proxy that an answer on this way can be from. */
export function speaker({ proxy }: Way): string | undefined {
  return proxy?.speaks === true ? nameOf(proxy.proxy) : undefined;
}
