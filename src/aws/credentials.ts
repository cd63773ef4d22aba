import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { settledWithin } from "../system/settled-within.ts";
import { type CredentialOrigin, credentialOrigin } from "./credential-origin.ts";
import { errorName } from "./error-name.ts";

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
      readonly failure: "refused" | "timeout" | "stopped";
      readonly problem: string;
    };

export interface CredentialsRequest {
  readonly signal: AbortSignal;
  /** Milliseconds that the caller will wait. */
  readonly deadlineMs: number;
}

type Provider = () => Promise<AwsCredentials>;
type Lookup = Promise<AwsCredentials | { readonly thrown: unknown }>;

/** A look-up that has not ended after this many milliseconds is given up for a new one. */
const ABANDON_MS = 60_000;

/**
 * Credentials from the official AWS chain, which reads the process's environment: variables, shared
 * config and SSO, process, web identity, container (ECS, EKS Pod Identity), IMDSv2. The chain keeps
 * what it found and gets new ones five minutes before they expire.
 */
export class CredentialChain {
  readonly #open: () => Provider;
  readonly #origin: () => Promise<CredentialOrigin | undefined>;
  #provider: Provider;
  #pending: { readonly lookup: Lookup; readonly sinceMs: number } | undefined;

  constructor(
    open: () => Provider = officialChain,
    origin: () => Promise<CredentialOrigin | undefined> = credentialOrigin,
  ) {
    this.#open = open;
    this.#origin = origin;
    this.#provider = open();
  }

  /** Never throws. A look-up that outlasts its caller goes on, and serves the next one. */
  async get({ signal, deadlineMs }: CredentialsRequest): Promise<CredentialsAnswer> {
    const waited = await settledWithin(this.#lookup(), signal, deadlineMs);
    if (waited !== undefined && !("thrown" in waited)) {
      return { kind: "credentials", credentials: waited };
    }
    const origin = await this.#origin();
    if (waited === undefined) {
      const what = `AWS credentials${origin === undefined ? "" : ` from ${origin.from}`}`;
      return signal.aborted
        ? { kind: "failed", failure: "stopped", problem: `${what} were not waited for` }
        : { kind: "failed", failure: "timeout", problem: `${what} did not come in time` };
    }
    if (origin === undefined) return { kind: "none", problem: NONE };
    const reason = errorName(waited.thrown);
    const why = reason === undefined ? "" : ` (${reason})`;
    const problem = `${origin.from} gave no AWS credentials${why}; ${origin.advice}`;
    return { kind: "failed", failure: "refused", problem };
  }

  /** The service refused what we had: the next `get` reads files and asks services again. */
  forget(): void {
    this.#provider = this.#open();
    this.#pending = undefined;
  }

  #lookup(): Lookup {
    const now = performance.now();
    if (this.#pending === undefined || now - this.#pending.sinceMs > ABANDON_MS) {
      const lookup = this.#provider().catch((error: unknown) => ({ thrown: error }));
      const pending = { lookup, sinceMs: now };
      this.#pending = pending;
      void lookup.then(() => {
        if (this.#pending === pending) this.#pending = undefined;
      });
    }
    return this.#pending.lookup;
  }
}

const NONE =
  "no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give this machine, task or pod a role";

/** The chain would print to the console; what it says is in our own messages. */
const silent = (): void => undefined;
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

function officialChain(): Provider {
  return defaultProvider({ logger: SILENT, ignoreCache: true });
}
