import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { SignalConfig } from "../config/telemetry-signal.ts";
import { TELEMETRY_ANSWER_MAX_BYTES, TELEMETRY_MAX_RETRY_AFTER_MS } from "../limits.ts";
import { exchange } from "../net/exchange.ts";
import { answered } from "../net/outcome.ts";
import type { Network } from "../net/network.ts";
import { retryAfterMs } from "../net/retry-after.ts";
import { basicAuthorization, withoutUserInfo } from "../net/safe-url.ts";
import { VERSION } from "../version.ts";

/** What became of one request to the collector. */
export type Delivery =
  /** Taken; `answer` may say that some of it was not. */
  | { readonly kind: "taken"; readonly answer: Buffer }
  /** Worth another attempt, after the wait that the collector asked for, if it did. */
  | {
      readonly kind: "retry";
      readonly afterMs: number | undefined;
      readonly problem: string;
      /** Whether the collector took the connection and then said nothing. */
      readonly silent: boolean;
    }
  /** The credentials are missing or wrong. */
  | { readonly kind: "unauthorized"; readonly problem: string }
  /** The same request would be refused again. */
  | { readonly kind: "refused"; readonly problem: string };

export interface DeliveryRequest {
  readonly network: Network;
  readonly body: Uint8Array;
  readonly contentType: string;
  /** From the packed secrets; they go over those of the configuration. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly nowMs: number;
}

const compress = promisify(gzip);

/** Sends one request by OTLP/HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp). Never throws. */
export async function deliver(config: SignalConfig, request: DeliveryRequest): Promise<Delivery> {
  const target = withoutUserInfo(config.url);
  const authorization = basicAuthorization(config.url);
  const answer = await exchange({
    network: request.network,
    method: "POST",
    url: target,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...config.headers,
      ...request.headers,
      "content-type": request.contentType,
      "user-agent": `clef-agent/${VERSION}`,
      ...(config.compression === "gzip" ? { "content-encoding": "gzip" } : {}),
    },
    body: config.compression === "gzip" ? await compress(request.body) : Buffer.from(request.body),
    signal: request.signal,
    deadlineMs: config.timeoutMs,
    maxBytes: TELEMETRY_ANSWER_MAX_BYTES,
    // Where a redirect leads is nothing that the headers were meant for.
    redirects: "return",
  });
  if (answer.kind === "failed") {
    // It said yes, and then more than it should have.
    if (answer.failure === "too_large") return { kind: "taken", answer: Buffer.alloc(0) };
    const silent = answer.failure === "timeout";
    return { kind: "retry", afterMs: undefined, problem: answer.problem, silent };
  }
  const { status, headers, bytes } = answer;
  if (status >= 200 && status < 300) return { kind: "taken", answer: bytes };
  const problem = answered(answer);
  if (RETRYABLE.has(status)) {
    const asked = retryAfterMs(headers, request.nowMs);
    const afterMs = asked === undefined ? undefined : Math.min(asked, TELEMETRY_MAX_RETRY_AFTER_MS);
    return { kind: "retry", afterMs, problem, silent: false };
  }
  return { kind: status === 401 || status === 403 ? "unauthorized" : "refused", problem };
}

/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
