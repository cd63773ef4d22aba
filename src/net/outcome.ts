import type { AnswerHeaders } from "./answer-headers.ts";
import { safeUrl } from "./safe-url.ts";

/** What came of a request. */
export type Exchange = Answered | Failed;

export interface Answered {
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

export interface Failed {
  readonly kind: "failed";
  readonly failure: Failure;
  /** Begins with the address, and holds no credentials. */
  readonly problem: string;
  /** The system's code for it, where there is one. */
  readonly code?: string | undefined;
  /** Whether a proxy or a certificate has, or may have, to do with it. */
  readonly isOfTheWay?: boolean;
}

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
  /** It refuses the agent for its client certificate, or for the lack of one; `problem` says what helps. */
  | "refused"
  /** The connection closed before the answer was complete. */
  | "dropped"
  /** The body is larger than `maxBytes`. */
  | "too_large"
  /** A redirect to nowhere, to an unsafe address, or one too many. */
  | "redirect"
  /** `signal` was aborted. */
  | "stopped";

/** Without the error that was thrown: it can quote the URL with its credentials. */
export function failed(url: URL, failure: Failure, problem: string): Failed {
  return { kind: "failed", failure, problem: `${safeUrl(url)} ${problem}` };
}

/** What an answer says, to begin a message with: the address, perhaps the proxy, and the status. */
export function answered({ url, status, through }: Answered): string {
  return `${safeUrl(url)} answered ${status}${through === undefined ? "" : ` through ${through}`}`;
}
