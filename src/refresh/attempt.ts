import type { Revocation } from "../artifact/artifact.ts";
import type { TrustMemory } from "../artifact/trust.ts";
import { type Policy, type VerifiedArtifact, verifyInSlices } from "../artifact/verify.ts";
import { AgentError, asAgentError, type ErrorCode } from "../errors.ts";
import type { Source } from "../source/source.ts";
import type { RefusalMemory } from "./refusal-memory.ts";
import { nextTurn } from "../system/slices.ts";
import type { SecretsStore, Staged } from "../store/secrets.ts";

/** An artifact that was found good and prepared, and takes the place of what is served once it is settled. */
export interface StagedOutcome {
  readonly kind: "staged";
  readonly artifact: VerifiedArtifact;
  readonly staged: Staged;
  readonly etag: string | undefined;
  readonly warning: AgentError | undefined;
}

/** What one look at the source led to. Nothing that is being served has changed yet. */
export type Outcome =
  | {
      readonly kind: "unchanged";
      /** What the source calls it now; undefined where that is what it called it before. */
      readonly etag: string | undefined;
    }
  | StagedOutcome
  | { readonly kind: "revoked"; readonly revocation: Revocation }
  | { readonly kind: "expired"; readonly expiresAt: string; readonly error: AgentError }
  | {
      readonly kind: "invalid";
      readonly error: AgentError;
      /** Whether these bytes are refused for this reason whatever time, trust or a KMS may bring. */
      readonly lasting: boolean;
    }
  | { readonly kind: "fetch_failed"; readonly error: AgentError };

export interface Held {
  readonly artifact: VerifiedArtifact;
  readonly etag: string | undefined;
}

export interface AttemptInput {
  readonly policy: Policy;
  readonly store: SecretsStore;
  readonly memory: TrustMemory;
  /**
   * What is being served; undefined asks the source for the bytes in any case. Looked at again after
   * the source has answered, as its time may be over by then.
   */
  readonly held: Held | undefined;
  readonly nowMs: () => number;
}

/** Asks the source and takes its answer as far as a staged secret. Never throws. */
export async function attempt(
  source: Source,
  input: AttemptInput,
  refusals: RefusalMemory,
  signal: AbortSignal,
): Promise<Outcome> {
  const etag = input.held?.etag;
  let answer;
  try {
    answer = await source.fetch({ etag, signal });
  } catch (thrown) {
    return {
      kind: "fetch_failed",
      error: asAgentError(thrown, "source_unreachable", `${source.description} cannot be read`),
    };
  }
  if (answer.kind === "bytes") {
    const refused = refusals.recall(answer.bytes);
    await nextTurn();
    if (refused !== undefined) return { kind: "invalid", error: refused, lasting: true };
    const outcome = await examine(answer.bytes, answer.etag, input);
    if (outcome.kind === "invalid" && outcome.lasting) {
      await nextTurn();
      refusals.remember(answer.bytes, outcome.error);
    }
    return outcome;
  }
  if (input.held !== undefined) return { kind: "unchanged", etag: undefined };
  // What was held ran out of time while the source was asked; now the bytes are needed.
  if (etag !== undefined) return attempt(source, input, refusals, signal);
  const problem = `${source.description} says "unchanged" though nothing is held`;
  return { kind: "fetch_failed", error: new AgentError("source_unexpected_answer", problem) };
}

/** Verifies bytes from anywhere, the source or the disk cache, and stages what they hold. */
export async function examine(
  bytes: Uint8Array,
  etag: string | undefined,
  { policy, store, memory, held, nowMs }: AttemptInput,
): Promise<Outcome> {
  const verdict = await verifyInSlices(bytes, policy, memory, nowMs());
  if (verdict.kind !== "verified") return verdict;
  const { artifact, warning } = verdict;
  if (held !== undefined && Buffer.compare(held.artifact.bytes, artifact.bytes) === 0) {
    return { kind: "unchanged", etag };
  }
  try {
    return { kind: "staged", artifact, staged: await store.stage(artifact), etag, warning };
  } catch (thrown) {
    const error = asAgentError(thrown, "decrypt", "it cannot be decrypted");
    const lasting = thrown instanceof AgentError && artifact.fields.envelope === undefined;
    return { kind: "invalid", error, lasting };
  }
}

/** Whether no answer came, as when the connection did not outlive a sleep. */
export function wentUnanswered(outcome: Outcome): boolean {
  return outcome.kind === "fetch_failed" && NO_ANSWER.has(outcome.error.code);
}

const NO_ANSWER: ReadonlySet<ErrorCode> = new Set([
  "source_unreachable",
  "source_timeout",
  "source_truncated",
]);
