import type { Unavailable } from "../feed/unavailable.ts";
import type { Secrets } from "./hand-over.ts";

export type SecretsChange =
  | { readonly kind: "serving" | "renewed" }
  | {
      readonly kind: "ended";
      readonly reason: "revoked" | "artifact_expired" | "cache_expired";
    };

/** Where the command's secrets come from: the feed of this agent, or an agent that runs already. */
export interface SecretsFeed {
  /** Looks at the secrets once, and lets go of them when `look` returns. */
  use<Value>(
    look: (secrets: Secrets) => Value,
  ): Promise<
    | { readonly kind: "used"; readonly value: Value }
    | { readonly kind: "unavailable"; readonly reason: Unavailable }
  >;
  /** Every change from now on, in order. */
  subscribe(subscriber: (change: SecretsChange) => void): () => void;
}
