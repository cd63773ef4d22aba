import { systemCode } from "../errors.ts";
import {
  ARTIFACT_MAX_BYTES,
  ERROR_BODY_MAX_BYTES,
  FETCH_DEADLINE_MS,
  MAX_REDIRECTS,
} from "../limits.ts";
import { readBody } from "./body.ts";
import { headersFor, isRedirect, redirectTarget } from "./redirect.ts";
import { safeUrl } from "./safe-url.ts";

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST";
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
      readonly headers: Headers;
      /** The whole body of a 2xx answer; of any other no more than `ERROR_BODY_MAX_BYTES`. */
      readonly bytes: Buffer;
      /** Where the answer came from, after redirects. */
      readonly url: URL;
    }
  | { readonly kind: "failed"; readonly failure: Failure; readonly problem: string };

/** Why there is no answer. */
export type Failure =
  /** No connection; `problem` has the system's code. */
  | "unreachable"
  /** Not over within the deadline. */
  | "timeout"
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
  return bounded(request, (signal) => follow(request, signal));
}

/** A request without its way to be sent. */
type Bounds = Pick<HttpRequest, "url" | "signal" | "deadlineMs">;

/** Sends a request within its deadline, and says why there is no answer. Never throws. */
export async function bounded(
  request: Bounds,
  send: (signal: AbortSignal) => Promise<Exchange>,
): Promise<Exchange> {
  const deadlineMs = request.deadlineMs ?? FETCH_DEADLINE_MS;
  const deadline = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([request.signal, deadline]);
  try {
    return await send(signal);
  } catch (error) {
    if (deadline.aborted) {
      return failed(request, "timeout", `did not answer in full within ${deadlineMs / 1000} s`);
    }
    if (request.signal.aborted) return failed(request, "stopped", "was not waited for");
    const code = systemCode(error);
    if (code !== undefined && DROPPED.has(code)) {
      return failed(request, "dropped", "closed the connection early");
    }
    const detail = code === undefined ? "" : ` (${code})`;
    return failed(request, "unreachable", `cannot be reached${detail}`);
  }
}

async function follow(request: HttpRequest, signal: AbortSignal): Promise<Exchange> {
  const { method, body, redirects } = request;
  let { url } = request;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    // oxlint-disable-next-line no-await-in-loop -- each hop depends on the one before
    const response = await fetch(url, {
      method,
      headers: headersFor(url, request.url, request.headers),
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal,
    });
    if (redirects === "return" || !isRedirect(response.status)) {
      // oxlint-disable-next-line no-await-in-loop -- the last hop's body
      return await answer(response, url, request);
    }
    // oxlint-disable-next-line no-await-in-loop -- frees the connection before the next hop
    await response.body?.cancel();
    const target = redirectTarget(response.headers.get("location"), url);
    if (typeof target === "string") return failed(request, "redirect", target);
    url = target;
  }
  return failed(request, "redirect", `redirects more than ${MAX_REDIRECTS} times`);
}

async function answer(response: Response, url: URL, request: HttpRequest): Promise<Exchange> {
  const { status, headers } = response;
  const maxBytes = request.maxBytes ?? ARTIFACT_MAX_BYTES;
  if (!response.ok) {
    const bytes = await readBody(response, ERROR_BODY_MAX_BYTES);
    return { kind: "answer", status, headers, bytes: bytes ?? Buffer.alloc(0), url };
  }
  const bytes = await readBody(response, maxBytes);
  if (bytes === undefined) return failed(request, "too_large", `sends more than ${maxBytes} bytes`);
  return { kind: "answer", status, headers, bytes, url };
}

const DROPPED: ReadonlySet<string> = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ECONNRESET",
  "EPIPE",
]);

/** Without the error that was thrown: it can quote the URL with its credentials. */
export function failed(
  request: Pick<HttpRequest, "url">,
  failure: Failure,
  problem: string,
): Exchange {
  return { kind: "failed", failure, problem: `${safeUrl(request.url)} ${problem}` };
}
