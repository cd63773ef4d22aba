import { stsRegionWarning } from "@aws-sdk/core/client";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { CredentialClient } from "../net/credential-client.ts";
import type { Network } from "../net/network.ts";
import { settledWithin } from "../system/settled-within.ts";
import { SharedLookup } from "../system/shared-lookup.ts";
import { type CredentialOrigin, credentialOrigin } from "./credential-origin.ts";
import { requestHandler } from "./request-handler.ts";
import { errorName } from "../system/error-name.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type CredentialsAnswer =
  | { readonly kind: "credentials"; readonly credentials: AwsCredentials }
  /** Nothing here names credentials, and there is no metadata service that has any. */
  | { readonly kind: "none"; readonly problem: string }
  /** There may be some, but none came. `problem` says which variable to look at, and holds no secret. */
  | {
      readonly kind: "failed";
      readonly failure: "refused" | "timeout" | "stopped" | "proxy" | "untrusted";
      readonly problem: string;
    };

export interface CredentialsRequest {
  readonly signal: AbortSignal;
  /** Milliseconds that the caller will wait. */
  readonly deadlineMs: number;
}

type Provider = () => Promise<AwsCredentials>;
type Found = AwsCredentials | { readonly thrown: unknown };

/**
 * Credentials from the official AWS chain, which reads the process's environment: variables, shared
 * config and SSO, process, web identity, container (ECS, EKS Pod Identity), IMDSv2. The chain keeps
 * what it found and gets new ones five minutes before they expire.
 */
export class CredentialChain {
  readonly #client: CredentialClient;
  readonly #lookup: SharedLookup<Found>;
  readonly #origin: () => Promise<CredentialOrigin | undefined>;

  /** @param open - starts a look-up that makes its requests with the client. */
  constructor(
    network: Network,
    open: (client: CredentialClient) => Provider = officialChain,
    origin: () => Promise<CredentialOrigin | undefined> = credentialOrigin,
  ) {
    this.#client = new CredentialClient(network);
    this.#lookup = new SharedLookup<Found>(() => {
      const provider = open(this.#client);
      return () => provider().catch((error: unknown) => ({ thrown: error }));
    });
    this.#origin = origin;
  }

  /** Never throws. A look-up that outlasts its caller goes on, and serves the next one. */
  async get({ signal, deadlineMs }: CredentialsRequest): Promise<CredentialsAnswer> {
    const waited = await settledWithin(this.#lookup.get(), signal, deadlineMs);
    const usable = waited !== undefined && !("thrown" in waited) && isClean(waited);
    if (usable) return { kind: "credentials", credentials: waited };
    const origin = await this.#origin();
    const { trouble } = this.#client;
    if (
      trouble !== undefined &&
      !signal.aborted &&
      !(waited !== undefined && !("thrown" in waited))
    ) {
      const failure = trouble.failure === "untrusted" ? "untrusted" : "proxy";
      const from = origin === undefined ? "" : ` from ${origin.from}`;
      return {
        kind: "failed",
        failure,
        problem: `no AWS credentials came${from}: ${trouble.problem}`,
      };
    }
    if (waited === undefined) {
      const what = `AWS credentials${origin === undefined ? "" : ` from ${origin.from}`}`;
      return signal.aborted
        ? { kind: "failed", failure: "stopped", problem: `${what} were not waited for` }
        : { kind: "failed", failure: "timeout", problem: `${what} did not come in time` };
    }
    if (!("thrown" in waited)) {
      this.forget();
      const problem = `the AWS credentials${origin === undefined ? "" : ` from ${origin.from}`} hold a blank or a line break, as where a secret was written with one at its end; write them again without it`;
      return { kind: "failed", failure: "refused", problem };
    }
    if (origin === undefined) return { kind: "none", problem: NONE };
    const reason = errorName(waited.thrown);
    const why = reason === undefined ? "" : ` (${reason})`;
    const problem = `${origin.from} gave no AWS credentials${why}; ${origin.advice}`;
    return { kind: "failed", failure: "refused", problem };
  }

  /**
   * The service refused what we had: the next `get` reads files and asks services again.
   *
   * @param usedMs - as for `SharedLookup`.
   */
  forget(usedMs?: number): void {
    this.#lookup.forget(usedMs);
  }
}

/** What is in none of them would make a signature that no service takes, or a header that none is sent. */
function isClean({ accessKeyId, secretAccessKey, sessionToken = "" }: AwsCredentials): boolean {
  return /^[!-~]*$/.test(accessKeyId + secretAccessKey + sessionToken);
}

const NONE =
  "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give this machine, task or pod a role";

/** The chain would print to the console; what it says is in our own messages. */
const silent = (): void => undefined;
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

// Where there is no region STS is asked in us-east-1, and the library writes so to the console.
stsRegionWarning.silence = true;

function officialChain(client: CredentialClient): Provider {
  const clientConfig = { requestHandler: requestHandler(client) };
  const provider = defaultProvider({ logger: SILENT, ignoreCache: true, clientConfig });
  return async () => {
    const { env } = process;
    const endpoint = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? "";
    if (endpoint === "" && env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] === undefined) {
      return provider();
    }
    const { onWay } = await import("./container-transport.ts");
    // An http endpoint of a container is on this machine, or beside it: no way leads there but the direct one.
    return onWay(/^https:/i.test(endpoint) ? client : "direct", provider);
  };
}
