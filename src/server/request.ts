import { type IsCancelled, neverCancelled } from "../store/semaphore.ts";

/** What the handler needs to know of a request; read in one pass over the raw headers. */
export interface Request {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Undefined when there is none, or more than one. */
  readonly host: string | undefined;
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  /** The values of all its Prefer headers. */
  readonly prefer: readonly string[];
  /** Whether it came through a proxy. */
  readonly forwarded: boolean;
  /** Whether the client has hung up, so that nobody is left to answer. */
  readonly isCancelled: IsCancelled;
  /** Calls the listener when the client hangs up; what it returns ends that. */
  readonly onGone: (listener: () => void) => () => void;
  /** To be told whether the token that came with it, or did not, is the right one. */
  readonly showedToken: (right: boolean) => void;
}

/** Who sent a request, as far as its connection tells. */
export type Client = Pick<Request, "isCancelled" | "onGone" | "showedToken">;

const NO_CONNECTION: Client = {
  isCancelled: neverCancelled,
  onGone: () => () => undefined,
  showedToken: () => undefined,
};

/** @param rawHeaders - names and values in turn, as node:http gives them. */
export function readRequest(
  method: string,
  target: string,
  rawHeaders: readonly string[],
  { isCancelled, onGone, showedToken }: Client = NO_CONNECTION,
): Request {
  let host: string | undefined;
  let hosts = 0;
  let authorization: string | undefined;
  let ifNoneMatch: string | undefined;
  let prefer: string[] | undefined;
  let forwarded = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    // Most headers are told apart by their length alone, without making a lower-case copy.
    switch (name.length) {
      case HOST.length:
        if (name.toLowerCase() !== HOST) break;
        host = rawHeaders[index + 1];
        hosts++;
        break;
      case AUTHORIZATION.length:
        // As long as if-none-match.
        if (name.toLowerCase() === AUTHORIZATION) authorization = rawHeaders[index + 1];
        else if (name.toLowerCase() === IF_NONE_MATCH) ifNoneMatch = rawHeaders[index + 1];
        break;
      case FORWARDED.length:
      case X_FORWARDED_FOR.length:
      case X_FORWARDED_HOST.length:
        if (FORWARDING.has(name.toLowerCase())) forwarded = true;
        break;
      case PREFER.length:
        if (name.toLowerCase() === PREFER) (prefer ??= []).push(rawHeaders[index + 1] ?? "");
        break;
      default:
    }
  }
  if (hosts > 1) host = undefined;
  return {
    method,
    target,
    host,
    authorization,
    ifNoneMatch,
    prefer: prefer ?? NONE,
    forwarded,
    isCancelled,
    onGone,
    showedToken,
  };
}

const NONE: readonly string[] = [];
const HOST = "host";
const PREFER = "prefer";
const AUTHORIZATION = "authorization";
const IF_NONE_MATCH = "if-none-match";
const FORWARDED = "forwarded";
const X_FORWARDED_FOR = "x-forwarded-for";
const X_FORWARDED_HOST = "x-forwarded-host";
const FORWARDING: ReadonlySet<string> = new Set([FORWARDED, X_FORWARDED_FOR, X_FORWARDED_HOST]);
