import { gaxios, GoogleAuth } from "google-auth-library";
import { CredentialClient, type Trouble } from "../net/credential-client.ts";
import type { Network } from "../net/network.ts";
import { http } from "../system/http.ts";
import { SharedLookup } from "../system/shared-lookup.ts";
import { fetchWith } from "./fetch-with.ts";

type Headers = Readonly<Record<string, string>>;

/** Where the headers of a request to a service of Google Cloud come from. */
export interface GcpCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  headers(): Promise<Headers>;
  /** Looks for credentials anew at the next call; `usedMs` as for `SharedLookup`. */
  forget(usedMs?: number): void;
  /** Why there are none, if a proxy or a certificate was in the way. */
  readonly trouble: Trouble | undefined;
}

/** What the headers allow (https://developers.google.com/identity/protocols/oauth2/scopes). */
export type GcpScope = "cloudkms" | "devstorage.read_only";

/**
 * Application Default Credentials through Google's own library, which reads the process's
 * environment: the file that GOOGLE_APPLICATION_CREDENTIALS names (a service account, workload identity federation, a
 * user), gcloud's own credentials, the metadata server. It keeps the token until shortly before its end.
 */
export function googleCredentials(network: Network, scope: GcpScope): GcpCredentials {
  const client = new CredentialClient(network);
  const lookup = new SharedLookup(() => look(client, scope));
  return {
    headers: () => lookup.get(),
    forget: (usedMs) => lookup.forget(usedMs),
    get trouble() {
      return client.trouble;
    },
  };
}

function look(client: CredentialClient, scope: GcpScope): () => Promise<Headers> {
  const transporterOptions = {
    fetchImplementation: fetchWith(client),
    // Of no use to the above, but without one the library takes the proxies of the environment, in its own reading.
    agent: http.globalAgent,
  };
  // The metadata server, which no proxy stands before, is asked by what all instances share.
  Object.assign(gaxios.instance.defaults, transporterOptions);
  const auth = new GoogleAuth({
    scopes: [`https://www.googleapis.com/auth/${scope}`],
    // Without a project the library would look for one, in gcloud and in an API that may be switched off.
    // Nothing here asks for it: a key's name has its own, and a bucket needs none.
    projectId: "-",
    clientOptions: { transporterOptions },
  });
  // A service account signs its own token, as in Google's clients: no token endpoint to wait for.
  auth.useJWTAccessWithScope = true;
  return async () => Object.fromEntries(await auth.getRequestHeaders());
}
