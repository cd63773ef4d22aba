import type { AgentError } from "../../errors.ts";
import { FETCH_DEADLINE_MS } from "../../limits.ts";
import { exchange } from "../../net/exchange.ts";
import type { Network } from "../../net/network.ts";
import type { Answered } from "../../net/outcome.ts";
import { countdown } from "../../system/countdown.ts";
import { VERSION } from "../../version.ts";
import type { FetchAnswer, FetchRequest, Source } from "../source.ts";
import { transportError } from "../transport-error.ts";
import { authorize, type Authorization, type CredentialLookup } from "./authorization.ts";

/** How a service is asked for one object. */
export interface BucketDialect {
  readonly type: Source["type"];
  readonly description: string;
  readonly cacheKey: string;
  /** What an operator should look at for the address. */
  readonly variables: string;
  /** Where to ask, and with which headers besides those of the credentials; `etag` names what is held. */
  readonly ask: (etag: string | undefined) => {
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** What the state that an answer gives is called. */
  readonly etagOf: (answer: Answered) => string | undefined;
  /** Undefined where the address, or an emulator, wants no token. */
  readonly credentials: CredentialLookup | undefined;
  /** Signs each request instead; with an account's own key. */
  readonly sign?: (
    url: URL,
    headers: Readonly<Record<string, string>>,
  ) => Readonly<Record<string, string>>;
  /** An answer without an object as the error of this source; `from` holds what was sent, if anything. */
  readonly refusal: (answer: Answered, from: string | undefined) => AgentError;
}

export interface BucketOptions {
  readonly network: Network;
  readonly deadlineMs?: number;
}

/** An object in a bucket, asked for conditionally, with credentials where there are some. */
export function bucketSource(dialect: BucketDialect, options: BucketOptions): Source {
  const visitor = new BucketVisitor(dialect, options);
  const { type, description, cacheKey } = dialect;
  return { type, description, cacheKey, fetch: (request) => visitor.fetch(request) };
}

/** Remembers from poll to poll that the object is open to everybody: a look-up that finds nothing takes seconds. */
class BucketVisitor {
  readonly #dialect: BucketDialect;
  readonly #options: BucketOptions;
  #isPublic = false;

  constructor(dialect: BucketDialect, options: BucketOptions) {
    this.#dialect = dialect;
    this.#options = options;
  }

  async fetch({ etag, signal }: FetchRequest): Promise<FetchAnswer> {
    const { credentials } = this.#dialect;
    const leftMs = countdown(this.#options.deadlineMs ?? FETCH_DEADLINE_MS);
    const asking = { etag, signal, leftMs };
    const authorization = await this.#authorize(asking);
    let answer = await this.#send(authorization, asking);
    if (answer.status === 401 && authorization.kind === "headers" && credentials !== undefined) {
      // They may have been replaced where they come from; the library looks there by itself only late.
      credentials.forget();
      answer = await this.#send(await this.#authorize(asking), asking);
    }
    return this.#conclude(answer, authorization, etag);
  }

  #authorize(asking: Asking): Promise<Authorization> {
    const { credentials } = this.#dialect;
    const isAsked = credentials !== undefined && !this.#isPublic;
    return isAsked ? authorize(credentials, asking) : Promise.resolve({ kind: "none" });
  }

  async #send(authorization: Authorization, { etag, signal, leftMs }: Asking): Promise<Answered> {
    const { ask, sign, variables } = this.#dialect;
    const asked = ask(etag);
    const headers = {
      // A compressed body would hide its size from the cap.
      "accept-encoding": "identity",
      "user-agent": `clef-agent/${VERSION}`,
      ...asked.headers,
    };
    const answer = await exchange({
      network: this.#options.network,
      method: "GET",
      url: asked.url,
      headers: {
        ...headers,
        ...(authorization.kind === "headers" ? authorization.headers : {}),
        ...sign?.(asked.url, headers),
      },
      signal,
      deadlineMs: leftMs(),
      redirects: "follow",
    });
    if (answer.kind === "failed") throw transportError(answer, variables);
    return answer;
  }

  #conclude(answer: Answered, authorization: Authorization, etag: string | undefined): FetchAnswer {
    const { credentials, etagOf, refusal } = this.#dialect;
    const { status, bytes } = answer;
    const good = status === 200 || (status === 304 && etag !== undefined);
    this.#isPublic = good && authorization.kind === "none";
    if (!good) {
      const from = authorization.kind === "headers" ? credentials?.origin()?.from : undefined;
      throw refusal(answer, authorization.kind === "none" ? undefined : (from ?? "this workload"));
    }
    const now = etagOf(answer);
    // Emulators take no conditions, and send what is held already.
    if (status === 304 || (etag !== undefined && now === etag)) return { kind: "unchanged" };
    return { kind: "bytes", bytes, etag: now };
  }
}

interface Asking {
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
  readonly leftMs: () => number;
}
