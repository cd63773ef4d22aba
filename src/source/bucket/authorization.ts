import { AgentError, type SourceCode } from "../../errors.ts";
import type { Trouble } from "../../net/credential-client.ts";
import { errorName } from "../../system/error-name.ts";
import { settledWithin } from "../../system/settled-within.ts";

type Headers = Readonly<Record<string, string>>;

/** Headers that show who asks, or nothing where nobody here has credentials. */
export type Authorization =
  { readonly kind: "headers"; readonly headers: Headers } | { readonly kind: "none" };

/** A look-up of credentials by a cloud's own library. */
export interface CredentialLookup {
  /** Whose they are, for messages: `Google`. */
  readonly name: string;
  /** Throws what the library throws. */
  readonly look: () => Promise<Headers>;
  /** Drops what was found, as it was not accepted. */
  readonly forget: () => void;
  /** What was in the way of them, where it is a proxy or a certificate. */
  readonly trouble: () => Trouble | undefined;
  /** The first thing on this machine that names credentials, and what to do if it gives none. */
  readonly origin: () => { readonly from: string; readonly advice: string } | undefined;
}

/**
 * The headers for one request. Where nothing names credentials and none are found there may be none, and the
 * object may be open to everybody.
 *
 * @throws AgentError where there should be some, or the look-up did not end in time.
 */
export async function authorize(
  lookup: CredentialLookup,
  { signal, leftMs }: { readonly signal: AbortSignal; readonly leftMs: () => number },
): Promise<Authorization> {
  const found = lookup.look().then(
    (headers) => ({ kind: "headers", headers }) as const,
    (thrown: unknown) => ({ kind: "thrown", thrown }) as const,
  );
  const waited = await settledWithin(found, signal, leftMs());
  if (waited?.kind === "headers") return waited;
  const { name } = lookup;
  const origin = lookup.origin();
  const from = origin === undefined ? "" : ` from ${origin.from}`;
  const no = (code: SourceCode, problem: string): AgentError => new AgentError(code, problem);
  if (signal.aborted) {
    throw no("source_unreachable", `${name} credentials${from} were not waited for`);
  }
  const trouble = lookup.trouble();
  if (trouble !== undefined) {
    const code = trouble.failure === "untrusted" ? "source_untrusted" : "source_unreachable";
    throw no(code, `no ${name} credentials came${from}: ${trouble.problem}`);
  }
  if (waited === undefined) {
    throw no("source_timeout", `${name} credentials${from} did not come in time`);
  }
  if (origin === undefined) return { kind: "none" };
  const reason = errorName(waited.thrown);
  const why = reason === undefined ? "" : ` (${reason})`;
  throw no(
    "source_unauthorized",
    `${origin.from} gave no ${name} credentials${why}; ${origin.advice}`,
  );
}
