import { AgentError } from "../errors.ts";
import { CLOCK_TOLERANCE_MS } from "../limits.ts";

/** What is asked of a KMS. */
export type Operation = "unwrap" | "wrap" | "sign" | "read_public_key";

/** How a provider calls things, for messages. */
export interface ProviderWords {
  readonly name: string;
  /** What the caller must be allowed to do, and how that is granted. */
  readonly permissions: Readonly<Partial<Record<Operation, string>>>;
  /** Where the provider's library looks for credentials, as advice. */
  readonly credentials: string;
  /** The kind of key that is needed. */
  readonly keys: string;
}

/** Why a KMS call led to nothing. */
export type Problem =
  /** The name of the key is not one of this provider's; nothing was sent. */
  | { readonly kind: "bad_key_name"; readonly expected: string }
  /** No credentials; `detail` says all of it, where more is known, `reason` is the code of a library. */
  | { readonly kind: "no_credentials"; readonly detail?: string; readonly reason?: string }
  | {
      readonly kind: "unauthenticated";
      /** How far the clock here is ahead of the KMS's, in milliseconds. */
      readonly clockAheadMs?: number;
    }
  | { readonly kind: "denied" }
  | { readonly kind: "not_found" }
  | { readonly kind: "disabled" }
  /** The key is of a kind that cannot do this. */
  | { readonly kind: "unfit" }
  /** The wrapped key is not this key's, or was changed. */
  | { readonly kind: "foreign" }
  | { readonly kind: "throttled"; readonly retryAfterMs: number | undefined }
  | { readonly kind: "unavailable"; readonly status: number; readonly code: string | undefined }
  /** No answer; `detail` begins with the address. */
  | { readonly kind: "no_answer"; readonly detail: string }
  /** An answer that makes no sense, or that nobody foresaw. */
  | { readonly kind: "unexpected"; readonly detail: string };

const VERBS: Readonly<Record<Operation, string>> = {
  unwrap: "unwrap the data key",
  wrap: "wrap a data key",
  sign: "sign",
  read_public_key: "give the public key",
};

/** The error that says it all in one line: provider, key, what is wrong, what to do. */
export function kmsError(
  words: ProviderWords,
  operation: Operation,
  keyId: string,
  problem: Problem,
): AgentError {
  const code = operation === "unwrap" ? "kms_unwrap" : "kms_failed";
  const retryAfterMs = problem.kind === "throttled" ? problem.retryAfterMs : undefined;
  const what = `${words.name} did not ${VERBS[operation]} with ${keyId}`;
  return new AgentError(code, `${what}: ${explain(words, operation, problem)}`, { retryAfterMs });
}

function explain(words: ProviderWords, operation: Operation, problem: Problem): string {
  switch (problem.kind) {
    case "bad_key_name":
      return `that is not the name of a key there (${problem.expected}), so nothing was sent`;
    case "no_credentials":
      return problem.detail ?? explainLack(words, problem.reason);
    case "unauthenticated":
      return `it does not accept these credentials, ${explainRefusal(words, problem.clockAheadMs ?? 0)}`;
    case "denied":
      return `permission denied; allow ${words.permissions[operation] ?? "it"}`;
    case "not_found":
      return "there is no such key, or it was deleted; check its name, or pack again with another";
    case "disabled":
      return "the key is disabled or awaits its deletion; enable it, or pack again with another";
    case "unfit":
      return `the key is of another kind; use ${words.keys}`;
    case "foreign":
      // Where nothing wrapped was sent, it is the key that does not fit.
      return operation === "unwrap"
        ? "the wrapped key is not of this key, or was changed; pack it again"
        : explain(words, operation, { kind: "unfit" });
    case "throttled":
      return "too many requests; raise CLEF_AGENT_CACHE_TTL or the quota";
    case "unavailable":
      return `it answered ${answered(problem.status, problem.code)}; it is tried again`;
    case "no_answer":
    case "unexpected":
      return problem.detail;
  }
}

function explainLack({ credentials }: ProviderWords, reason: string | undefined): string {
  return `no credentials could be had${reason === undefined ? "" : ` (${reason})`}; ${credentials}`;
}

/** What was signed or issued is good for minutes only, by the clock of the one who checks it. */
function explainRefusal({ credentials }: ProviderWords, clockAheadMs: number): string {
  const off = Math.abs(clockAheadMs);
  if (off < CLOCK_TOLERANCE_MS) return `perhaps because they expired; ${credentials}`;
  const how = `${Math.round(off / 60_000)} minutes ${clockAheadMs > 0 ? "ahead" : "behind"}`;
  return `and the clock of this machine is ${how}, which is enough to refuse any; set the clock`;
}

/** A status and the provider's own code for it, which is a word of letters: no sentence, and no credential. */
export function answered(status: number, code: string | undefined): string {
  return code !== undefined && /^[A-Za-z_.]{1,64}$/.test(code)
    ? `${status} (${code})`
    : `${status}`;
}
