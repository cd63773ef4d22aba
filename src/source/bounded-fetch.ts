import { AgentError, type SourceCode, systemCode } from "../errors.ts";
import { ARTIFACT_MAX_BYTES, FETCH_DEADLINE_MS, MAX_REDIRECTS } from "../limits.ts";
import { retryAfterMs } from "./retry-after.ts";
import { safeUrl } from "./safe-url.ts";

export interface BoundedRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** The variable that an operator should look at when this fails. */
  readonly variable: string;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole exchange; tests shorten it. */
  readonly deadlineMs?: number;
}

export interface BoundedResponse {
  readonly status: 200 | 304;
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
}

/**
 * The one network GET of the agent: a deadline from first to last byte, a cap on the body while it
 * streams in, and redirects only to the same or a safer scheme. Credentials stay with the origin
 * they were meant for.
 *
 * @throws AgentError with a `source_…` code for every answer but 200 and 304.
 */
export async function boundedGet(request: BoundedRequest): Promise<BoundedResponse> {
  const deadline = AbortSignal.timeout(request.deadlineMs ?? FETCH_DEADLINE_MS);
  const signal = AbortSignal.any([request.signal, deadline]);
  let url = request.url;
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      // oxlint-disable-next-line no-await-in-loop -- each hop depends on the one before
      const response = await fetch(url, {
        headers: hops === 0 ? request.headers : withoutCredentials(request, url),
        redirect: "manual",
        signal,
      });
      const target = redirectTarget(response, url, request);
      // oxlint-disable-next-line no-await-in-loop -- the last hop's body
      if (target === undefined) return await readResponse(response, url, request);
      // oxlint-disable-next-line no-await-in-loop -- frees the connection before the next hop
      await response.body?.cancel();
      url = target;
    }
    throw refuse("source_redirect", request, `redirects more than ${MAX_REDIRECTS} times`);
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw explain(error, request, deadline.aborted);
  }
}

/** Headers that are fit for another origin. */
function withoutCredentials(request: BoundedRequest, url: URL): Readonly<Record<string, string>> {
  if (url.origin === request.url.origin) return request.headers;
  return Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())),
  );
}

const CREDENTIALS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "private-token",
  "job-token",
  "deploy-token",
]);

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectTarget(response: Response, from: URL, request: BoundedRequest): URL | undefined {
  if (!REDIRECTS.has(response.status)) return undefined;
  const location = response.headers.get("location");
  const target = location === null ? null : URL.parse(location, from);
  if (target === null) throw refuse("source_redirect", request, "redirects to no valid address");
  const safe = target.protocol === "https:" || target.protocol === from.protocol;
  if (!safe || !/^https?:$/.test(target.protocol)) {
    throw refuse(
      "source_redirect",
      request,
      "redirects to an unsafe address; only the same scheme and https are followed",
    );
  }
  // A redirect must not bring credentials of its own.
  target.username = "";
  target.password = "";
  return target;
}

async function readResponse(
  response: Response,
  url: URL,
  request: BoundedRequest,
): Promise<BoundedResponse> {
  const etag = response.headers.get("etag") ?? undefined;
  if (response.status === 200) {
    return { status: 200, bytes: await readBody(response, request), etag };
  }
  await response.body?.cancel();
  if (response.status === 304) {
    if ("if-none-match" in request.headers) return { status: 304, bytes: new Uint8Array(), etag };
    throw refuse("source_unexpected_answer", request, "answered 304 to an unconditional request");
  }
  const [code, advice] = statusMeaning(response.status, request.variable);
  throw new AgentError(code, `${safeUrl(url)} answered ${response.status}; ${advice}`, {
    retryAfterMs: retryAfterMs(response.headers, Date.now()),
  });
}

function statusMeaning(status: number, variable: string): readonly [SourceCode, string] {
  if (status === 401) return ["source_unauthorized", `check the credentials in ${variable}`];
  if (status === 403) return ["source_forbidden", `check the permissions of ${variable}`];
  if (status === 404 || status === 410) {
    return ["source_not_found", `check the address in ${variable}`];
  }
  if (status === 429) return ["source_rate_limited", "waiting before the next attempt"];
  if (status >= 500) return ["source_server_error", "waiting for it to recover"];
  return ["source_unexpected_answer", `check the address in ${variable}`];
}

async function readBody(response: Response, request: BoundedRequest): Promise<Uint8Array> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  const tooLarge = (): AgentError =>
    refuse("source_too_large", request, `sends more than ${ARTIFACT_MAX_BYTES} bytes`);
  if (declared > ARTIFACT_MAX_BYTES) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = response.body ?? [];
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the stream, which closes the connection.
    if (length > ARTIFACT_MAX_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

const TRUNCATED: ReadonlySet<string> = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ECONNRESET",
  "EPIPE",
]);

function explain(error: unknown, request: BoundedRequest, timedOut: boolean): AgentError {
  if (timedOut) {
    const seconds = (request.deadlineMs ?? FETCH_DEADLINE_MS) / 1000;
    return refuse("source_timeout", request, `did not answer in full within ${seconds} s`);
  }
  if (request.signal.aborted) return refuse("source_unreachable", request, "was not waited for");
  const code = systemCode(error);
  if (code !== undefined && TRUNCATED.has(code)) {
    return refuse("source_truncated", request, "closed the connection early");
  }
  const detail = code === undefined ? "" : ` (${code})`;
  return refuse(
    "source_unreachable",
    request,
    `cannot be reached${detail}; check the address in ${request.variable} and the network`,
  );
}

/** Without `cause`: what the HTTP client throws can quote the URL with its credentials. */
function refuse(code: SourceCode, request: BoundedRequest, problem: string): AgentError {
  return new AgentError(code, `${safeUrl(request.url)} ${problem}`);
}
