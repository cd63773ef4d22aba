import { DefaultAzureCredential } from "@azure/identity";

/** Where the token for a vault comes from. */
export interface AzureCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  token(scope: string): Promise<string>;
  /** Looks for credentials anew at the next call. */
  forget(): void;
}

/**
 * The default chain of Azure's own library, which reads the process's environment: AZURE_CLIENT_ID with
 * a secret or a certificate, workload identity, managed identity, and where those are missing the
 * command lines that somebody is logged in to. It keeps tokens until shortly before their end.
 */
export function azureCredentials(): AzureCredentials {
  let credential = new DefaultAzureCredential();
  return {
    token: async (scope) => (await credential.getToken(scope)).token,
    forget() {
      credential = new DefaultAzureCredential();
    },
  };
}
