import { CREDENTIAL_ANSWER_MAX_BYTES, CREDENTIAL_REQUEST_DEADLINE_MS } from "../limits.ts";
import { exchange, type HttpRequest } from "./exchange.ts";
import type { Network } from "./network.ts";
import type { Answered, Failed } from "./outcome.ts";

export type Trouble = Failed;

/** No answer; `code` is the system's, by which the libraries know what may be tried again. */
class RequestError extends Error {
  readonly code: string;

  constructor({ problem, code = "EFAILED" }: Trouble) {
    super(problem);
    this.code = code;
  }
}

export interface CredentialRequest extends Pick<
  HttpRequest,
  "method" | "url" | "headers" | "body"
> {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; `CREDENTIAL_REQUEST_DEADLINE_MS` without it. */
  readonly deadlineMs?: number | undefined;
}

const NEVER = new AbortController().signal;

/**
 * Makes the requests with which a cloud's own library looks for credentials, over the agent's network. The
 * libraries do not pass on why a request failed, so it is kept here.
 */
export class CredentialClient {
  /** Why a request failed since the last that was answered, if a proxy or a certificate was in the way. */
  trouble: Trouble | undefined;
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** @throws Error with the system's code where there is no answer. */
  async send({ signal = NEVER, deadlineMs, ...request }: CredentialRequest): Promise<Answered> {
    const came = await exchange({
      ...request,
      network: this.#network,
      signal,
      deadlineMs: Math.min(deadlineMs ?? Infinity, CREDENTIAL_REQUEST_DEADLINE_MS),
      maxBytes: CREDENTIAL_ANSWER_MAX_BYTES,
      redirects: "return",
    });
    if (came.kind === "answer") {
      this.trouble = undefined;
      return came;
    }
    // Whether a metadata service is there is found out by asking: that it is not is no trouble.
    if (came.isOfTheWay === true) this.trouble = came;
    throw new RequestError(came);
  }
}
