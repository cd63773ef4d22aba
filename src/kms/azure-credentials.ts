import { DefaultAzureCredential } from "@azure/identity";
import { SharedLookup } from "../system/shared-lookup.ts";

/** Where the token for a vault comes from. */
export interface AzureCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  token(scope: string): Promise<string>;
  /** Looks for credentials anew at the next call; `usedMs` as for `SharedLookup`. */
  forget(usedMs: number): void;
}

/**
 * The default chain of Azure's own library, which reads the process's environment: AZURE_CLIENT_ID with
 * a secret or a certificate, workload identity, managed identity, and where those are missing the
 * command lines that somebody is logged in to. It keeps tokens until shortly before their end.
 */
export function azureCredentials(): AzureCredentials {
  const lookups = new Map<string, SharedLookup<string>>();
  return {
    token(scope) {
      const lookup = lookups.get(scope) ?? new SharedLookup(() => look(scope));
      lookups.set(scope, lookup);
      return lookup.get();
    },
    forget(usedMs) {
      for (const lookup of lookups.values()) lookup.forget(usedMs);
    },
  };
}

function look(scope: string): () => Promise<string> {
  const credential = new DefaultAzureCredential();
  return async () => (await credential.getToken(scope)).token;
}
