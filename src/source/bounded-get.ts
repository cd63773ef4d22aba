import { AgentError, type SourceCode } from "../errors.ts";
import { exchange } from "../net/exchange.ts";
import type { Network } from "../net/network.ts";
import { answered, type Answered } from "../net/outcome.ts";
import { retryAfterMs } from "../net/retry-after.ts";
import { transportError } from "./transport-error.ts";
import { urlExpiresAt } from "./url-expiry.ts";

export interface BoundedRequest {
  readonly network: Network;
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
 * Gets an artifact, or the news that it is unchanged.
 *
 * @throws AgentError with a `source_…` code for every answer but 200 and 304.
 */
export async function boundedGet(request: BoundedRequest): Promise<BoundedResponse> {
  const { network, url, headers, variable, signal, deadlineMs } = request;
  const answer = await exchange({
    network,
    method: "GET",
    url,
    headers,
    signal,
    redirects: "follow",
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  if (answer.kind === "failed") throw transportError(answer, variable);
  const etag = answer.headers.get("etag") ?? undefined;
  const { status, bytes } = answer;
  if (status === 200) return { status, bytes, etag };
  if (status === 304 && "if-none-match" in headers) return { status, bytes, etag };
  const [code, advice] = expiredUrl(status, url, variable) ?? statusMeaning(answer, url, variable);
  throw new AgentError(code, `${answered(answer)}; ${advice}`, {
    retryAfterMs: retryAfterMs(answer.headers, Date.now()),
  });
}

/** Servers refuse an expired signature by any of these, and not all of them say why. */
function expiredUrl(
  status: number,
  url: URL,
  variable: string,
): readonly [SourceCode, string] | undefined {
  const expiresAt = urlExpiresAt(url);
  const isRefusal = status === 400 || status === 401 || status === 403;
  if (!isRefusal || expiresAt === undefined || expiresAt.getTime() > Date.now()) return undefined;
  const when = expiresAt.toISOString();
  return [
    "source_unauthorized",
    `the signed URL in ${variable} expired at ${when}; sign a new one, or give the agent credentials of its own`,
  ];
}

function statusMeaning(
  { status, through }: Answered,
  url: URL,
  variable: string,
): readonly [SourceCode, string] {
  if (status === 304) return ["source_unexpected_answer", "though nothing is held"];
  if (status === 400 && url.protocol === "https:") {
    const advice = `check the address in ${variable}, and whether the server wants a client certificate, or another one`;
    return ["source_unexpected_answer", advice];
  }
  if (status === 401) {
    const others = through === undefined ? "" : ", or those for the proxy";
    return ["source_unauthorized", `check the credentials in ${variable}${others}`];
  }
  if (status === 403) return ["source_forbidden", `check the permissions of ${variable}`];
  if (status === 404 || status === 410) {
    return ["source_not_found", `check the address in ${variable}`];
  }
  if (status === 429) return ["source_rate_limited", "waiting before the next attempt"];
  if (status >= 500) return ["source_server_error", "waiting for it to recover"];
  return ["source_unexpected_answer", `check the address in ${variable}`];
}
