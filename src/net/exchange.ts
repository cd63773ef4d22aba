import type { IncomingMessage } from "node:http";
import { systemCode } from "../errors.ts";
import {
  ARTIFACT_MAX_BYTES,
  ERROR_BODY_MAX_BYTES,
  FETCH_DEADLINE_MS,
  MAX_REDIRECTS,
} from "../limits.ts";
import { answerHeaders, type AnswerHeaders } from "./answer-headers.ts";
import { readBody } from "./body.ts";
import type { Network } from "./network.ts";
import { nameOf, ProxyError } from "./proxy-error.ts";
import { headersFor, isRedirect, redirectTarget } from "./redirect.ts";
import { safeUrl } from "./safe-url.ts";
import { type Outgoing, send } from "./send.ts";
import { untrustedProblem } from "./untrusted.ts";
import type { Way } from "./ways.ts";

export interface HttpRequest {
  /** The way there. */
  readonly network: Network;
  readonly method: Outgoing["method"];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole exchange; `FETCH_DEADLINE_MS` without it. */
  readonly deadlineMs?: number;
  /** Bytes of the body of a 2xx answer; `ARTIFACT_MAX_BYTES` without it. */
  readonly maxBytes?: number;
  /** `follow` goes to the same or a safer scheme; `return` hands the 3xx to the caller. */
  readonly redirects: "follow" | "return";
}

/** What came of a request. */
export type Exchange =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: AnswerHeaders;
      /** The whole body of a 2xx answer; of any other no more than `ERROR_BODY_MAX_BYTES`. */
      readonly bytes: Buffer;
      /** Where the answer came from, after redirects. */
      readonly url: URL;
      /** The proxy, where the answer can be its own and not that of `url`. */
      readonly through?: string | undefined;
    }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly problem: string;
      /** The system's code for it, where there is one. */
      readonly code?: string | undefined;
      /** Whether a proxy or a certificate has, or may have, to do with it. */
      readonly isOfTheWay?: boolean;
    };

/** Why there is no answer. */
export type Failure =
  /** No connection; `problem` has the system's code. */
  | "unreachable"
  /** Not over within the deadline. */
  | "timeout"
  /** It is the proxy in between; `problem` says what helps. */
  | "proxy"
  /** The certificate there is not one to trust; `problem` says what helps. */
  | "untrusted"
  /** The connection closed before the answer was complete. */
  | "dropped"
  /** The body is larger than `maxBytes`. */
  | "too_large"
  /** A redirect to nowhere, to an unsafe address, or one too many. */
  | "redirect"
  /** `signal` was aborted. */
  | "stopped";

/**
 * The HTTP request of the agent, but for answers that hold secrets (`secretExchange`): a deadline from
 * first to last byte, a cap on the body while it streams in, and redirects only to the same or a safer
 * scheme. Credentials stay with the origin they were meant for. Never throws; `problem` begins with the address and holds no credentials.
 */
export function exchange(request: HttpRequest): Promise<Exchange> {
  return bounded(request, (signal, onWay) => follow(request, signal, onWay));
}

/** A request without its way to be sent. */
type Bounds = Pick<HttpRequest, "url" | "signal" | "deadlineMs">;

/**
 * Sends a request within its deadline, and says why there is no answer. Never throws.
 *
 * @param ask - calls `onWay` with each way that it takes.
 */
export async function bounded(
  request: Bounds,
  ask: (signal: AbortSignal, onWay: (way: Way, url: URL) => void) => Promise<Exchange>,
): Promise<Exchange> {
  const deadlineMs = request.deadlineMs ?? FETCH_DEADLINE_MS;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  let { url } = request;
  let taken: Way | undefined;
  const onWay = (way: Way, to: URL): void => {
    taken = way;
    url = to;
  };
  try {
    return await ask(signal, onWay);
  } catch (error) {
    const code = systemCode(error);
    const isOfTheWay = taken?.proxy !== undefined;
    const no = (failure: Failure, problem: string): Exchange => ({
      ...failed({ url }, failure, problem),
      code,
      isOfTheWay: isOfTheWay || failure === "untrusted",
    });
    const through = taken?.proxy === undefined ? "" : ` through ${nameOf(taken.proxy.proxy)}`;
    if (deadline.aborted) {
      return no("timeout", `did not answer in full within ${deadlineMs / 1000} s${through}`);
    }
    if (request.signal.aborted) return no("stopped", "was not waited for");
    if (error instanceof ProxyError) {
      return no(error.untrusted ? "untrusted" : "proxy", `cannot be reached: ${error.message}`);
    }
    const untrusted = untrustedProblem(error, taken?.onlyNamedCas ?? false);
    if (untrusted !== undefined)
      return no("untrusted", `shows${through} a certificate ${untrusted}`);
    // Nobody was asked: what the network says is of a file, and of no address.
    if (taken === undefined && code === undefined && error instanceof Error) {
      return no("untrusted", `was not asked: ${error.message}`);
    }
    if (code !== undefined && DROPPED.has(code)) {
      return no("dropped", `closed the connection early${through}`);
    }
    return no(
      "unreachable",
      `cannot be reached${code === undefined ? "" : ` (${code})`}${through}`,
    );
  }
}

async function follow(
  request: HttpRequest,
  signal: AbortSignal,
  onWay: (way: Way, url: URL) => void,
): Promise<Exchange> {
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
    if (typeof target === "string") return failed({ url }, "redirect", target);
    url = target;
  }
  return failed(request, "redirect", `redirects more than ${MAX_REDIRECTS} times`);
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
    return failed({ url }, "too_large", `sends more than ${maxBytes} bytes`);
  }
  const headers = answerHeaders(response);
  return {
    kind: "answer",
    status,
    headers,
    bytes: bytes ?? Buffer.alloc(0),
    url,
    through: speaker(way),
  };
}

/** The proxy that an answer on this way can be from. */
export function speaker({ proxy }: Way): string | undefined {
  return proxy?.speaks === true ? nameOf(proxy.proxy) : undefined;
}

/** What an answer says, to begin a message with: the address, perhaps the proxy, and the status. */
export function answered({ url, status, through }: Extract<Exchange, { kind: "answer" }>): string {
  return `${safeUrl(url)} answered ${status}${through === undefined ? "" : ` through ${through}`}`;
}

const DROPPED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "Z_BUF_ERROR"]);

/** Without the error that was thrown: it can quote the URL with its credentials. */
export function failed(
  request: Pick<HttpRequest, "url">,
  failure: Failure,
  problem: string,
): Extract<Exchange, { kind: "failed" }> {
  return { kind: "failed", failure, problem: `${safeUrl(request.url)} ${problem}` };
}
