import { credentialOrigin } from "../aws/credential-origin.ts";
import { type AwsCredentials, CredentialChain } from "../aws/credentials.ts";
import { signedExchange } from "../aws/signed-exchange.ts";
import type { S3Location } from "../config/s3-location.ts";
import { AgentError } from "../errors.ts";
import { FETCH_DEADLINE_MS } from "../limits.ts";
import { exchange } from "../net/exchange.ts";
import type { Answered } from "../net/outcome.ts";
import type { Network } from "../net/network.ts";
import { safeUrl } from "../net/safe-url.ts";
import { countdown } from "../system/countdown.ts";
import { VERSION } from "../version.ts";
import { resolveS3Address, type S3Address } from "./s3-address.ts";
import { blamesCredentials, blamesRegion, readRefusal, refusalError } from "./s3-refusal.ts";
import type { FetchAnswer, FetchRequest, Source } from "./source.ts";
import { transportError } from "./transport-error.ts";

export interface S3Options {
  readonly network: Network;
  readonly deadlineMs?: number;
  readonly credentials?: CredentialChain;
}

/**
 * An object in S3, or in a service that speaks like it, asked for with a signed GET. An address in the
 * form of an https:// URL is asked without a signature where there are no credentials at all.
 *
 * @throws AgentError `config_invalid` if an endpoint is configured that cannot be used.
 */
export async function s3Source(location: S3Location, options: S3Options): Promise<Source> {
  const address = await resolveS3Address(location);
  const network = options.network.aws();
  const chain = options.credentials ?? new CredentialChain(network);
  const visitor = new S3Visitor(network, address, chain, location.host !== undefined);
  const description =
    location.host === undefined ? `s3://${location.bucket}/${location.key}` : safeUrl(address.url);
  return {
    type: "s3",
    description,
    cacheKey: `s3 ${address.identity}`,
    fetch: (request) => visitor.fetch(request, options.deadlineMs ?? FETCH_DEADLINE_MS),
  };
}

interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly leftMs: () => number;
}

/** Remembers from poll to poll in which region the bucket is, and that it is open to everybody. */
class S3Visitor {
  readonly #network: Network;
  #address: S3Address;
  readonly #chain: CredentialChain;
  readonly #mayBePublic: boolean;
  #isPublic = false;

  constructor(network: Network, address: S3Address, chain: CredentialChain, mayBePublic: boolean) {
    this.#network = network;
    this.#address = address;
    this.#chain = chain;
    this.#mayBePublic = mayBePublic;
  }

  async fetch({ etag, signal }: FetchRequest, deadlineMs: number): Promise<FetchAnswer> {
    const asking: Asking = {
      headers: {
        // A compressed body would hide its size from the cap.
        "accept-encoding": "identity",
        "user-agent": `clef-agent/${VERSION}`,
        ...(etag === undefined ? {} : { "if-none-match": etag }),
      },
      signal,
      leftMs: countdown(deadlineMs),
    };
    let credentials = await this.#credentials(asking);
    let answer = await this.#ask(credentials, asking);
    if (credentials !== undefined && blamesCredentials(answer)) {
      // They may have been replaced where they come from; the chain looks there by itself only late.
      this.#chain.forget();
      const others = await this.#credentials(asking);
      if (others !== undefined && !same(others, credentials)) {
        credentials = others;
        answer = await this.#ask(credentials, asking);
      }
    }
    return this.#conclude(answer, credentials, etag);
  }

  /** Undefined where there are none and the bucket may be open to everybody. */
  async #credentials({ signal, leftMs }: Asking): Promise<AwsCredentials | undefined> {
    if (this.#isPublic) return undefined;
    const found = await this.#chain.get({ signal, deadlineMs: leftMs() });
    switch (found.kind) {
      case "credentials":
        return found.credentials;
      case "none":
        if (this.#mayBePublic) return undefined;
        throw new AgentError("source_unauthorized", found.problem);
      case "failed":
        throw new AgentError(FAILURE_CODES[found.failure], found.problem);
    }
  }

  /** Asks, and asks once more where the answer says that the bucket is. */
  async #ask(credentials: AwsCredentials | undefined, asking: Asking): Promise<Answered> {
    const answer = await this.#send(this.#address, credentials, asking);
    const { region } = readRefusal(answer);
    if (!blamesRegion(answer) || region === undefined || region === this.#address.region) {
      return answer;
    }
    const elsewhere = this.#address.in(region);
    if (elsewhere === undefined) return answer;
    const second = await this.#send(elsewhere, credentials, asking);
    // Sent away from there too: what the first one said is the better advice.
    if (blamesRegion(second)) return answer;
    this.#address = elsewhere;
    return second;
  }

  async #send(
    { url, region, variables }: S3Address,
    credentials: AwsCredentials | undefined,
    { headers, signal, leftMs }: Asking,
  ): Promise<Answered> {
    const deadlineMs = leftMs();
    const network = this.#network;
    const request = { network, method: "GET", url, headers, signal, deadlineMs } as const;
    const answer =
      credentials === undefined
        ? await exchange({ ...request, redirects: "return" })
        : await signedExchange({ service: "s3", region, credentials }, request);
    if (answer.kind === "failed") throw transportError(answer, variables);
    return answer;
  }

  async #conclude(
    answer: Answered,
    credentials: AwsCredentials | undefined,
    etag: string | undefined,
  ): Promise<FetchAnswer> {
    const { status, headers, bytes } = answer;
    this.#isPublic = credentials === undefined && (status === 200 || status === 304);
    if (status === 200) return { kind: "bytes", bytes, etag: headers.get("etag") ?? undefined };
    if (status === 304 && etag !== undefined) return { kind: "unchanged" };
    const { region, variables } = this.#address;
    const from = credentials === undefined ? undefined : await nameOfCredentials();
    throw refusalError(answer, { region, variables, credentials: from });
  }
}

const FAILURE_CODES = {
  refused: "source_unauthorized",
  timeout: "source_timeout",
  stopped: "source_unreachable",
  proxy: "source_unreachable",
  untrusted: "source_untrusted",
} as const;

async function nameOfCredentials(): Promise<string> {
  return (await credentialOrigin())?.from ?? "the role of this machine";
}

function same(one: AwsCredentials, other: AwsCredentials): boolean {
  return (
    one.accessKeyId === other.accessKeyId &&
    one.secretAccessKey === other.secretAccessKey &&
    one.sessionToken === other.sessionToken
  );
}
