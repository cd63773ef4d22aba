import { DefaultAzureCredential } from "@azure/identity";
import { CredentialClient, type Trouble } from "../net/credential-client.ts";
import type { Network } from "../net/network.ts";
import { SharedLookup } from "../system/shared-lookup.ts";
import { httpClientWith } from "./http-client-with.ts";

/** Where the token for a service of Azure comes from. */
export interface AzureCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  token(scope: string): Promise<string>;
  /** Looks for credentials anew at the next call; `usedMs` as for `SharedLookup`. */
  forget(usedMs?: number): void;
  /** Why there are none, if a proxy or a certificate was in the way. */
  readonly trouble: Trouble | undefined;
}

/**
 * The default chain of Azure's own library, which reads the process's environment: AZURE_CLIENT_ID with
 * a secret or a certificate, workload identity, managed identity, and where those are missing the
 * command lines that somebody is logged in to. It keeps tokens until shortly before their end.
 */
export function azureCredentials(network: Network): AzureCredentials {
  const client = new CredentialClient(network);
  const lookups = new Map<string, SharedLookup<string>>();
  return {
    token(scope) {
      const lookup = lookups.get(scope) ?? new SharedLookup(() => look(client, scope));
      lookups.set(scope, lookup);
      return lookup.get();
    },
    forget(usedMs) {
      for (const lookup of lookups.values()) lookup.forget(usedMs);
    },
    get trouble() {
      return client.trouble;
    },
  };
}

/** What the library would take from the environment otherwise, in its own reading; its client is not used. */
const UNUSED_PROXY = { host: "http://127.0.0.1", port: 1 };

function look(client: CredentialClient, scope: string): () => Promise<string> {
  const credential = new DefaultAzureCredential({
    httpClient: httpClientWith(client),
    proxyOptions: UNUSED_PROXY,
  });
  return async () => (await credential.getToken(scope)).token;
}
