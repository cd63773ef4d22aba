import { AgentError } from "../errors.ts";
import type { Custodian } from "../refresh/custodian.ts";
import type { SecretsStore } from "../store/secrets.ts";
import { NO_READER } from "../store/snapshot.ts";
import type { UseSecrets } from "./credentials.ts";

/** Opens the secrets for one look and lets go of them, whatever the mode. */
export function secretsToUse(store: SecretsStore, custodian: Custodian): UseSecrets {
  const fresh = (): boolean => custodian.freshness().kind === "fresh";
  const useSecrets: UseSecrets = async (use) => {
    if (!fresh()) return undefined;
    const opening = store.open();
    const opened = opening instanceof Promise ? await opening : opening;
    if (opened instanceof AgentError || typeof opened === "string") return undefined;
    // Others have taken their place in the few steps since they were decrypted.
    if (opened.isWiped) return useSecrets(use);
    try {
      return fresh() ? use(opened) : undefined;
    } finally {
      opened.release(NO_READER);
    }
  };
  return useSecrets;
}
