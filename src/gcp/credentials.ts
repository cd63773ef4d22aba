import { AsyncLocalStorage } from "node:async_hooks";
import http from "node:http";
import { gaxios, GoogleAuth } from "google-auth-library";
import { CredentialClient, type Trouble } from "../net/credential-client.ts";
import type { Network } from "../net/network.ts";
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

/** The way that requests of the library take now: some of its parts make a transport of their own. */
const way = new AsyncLocalStorage<typeof fetch>();

// oxlint-disable-next-line unbound-method -- it is called with the `this` that it is given
const { request } = gaxios.Gaxios.prototype;
gaxios.Gaxios.prototype.request = function <Data>(
  this: gaxios.Gaxios,
  options: gaxios.GaxiosOptions = {},
): gaxios.GaxiosPromise<Data> {
  const send = request<Data>;
  const fetchImplementation = way.getStore();
  if (fetchImplementation === undefined) return send.call(this, options);
  // Of no use to it, but without an agent the library takes the proxies of the environment, in its own reading.
  const agent = http.globalAgent;
  return send.call(this, { ...options, fetchImplementation, agent });
};

function look(client: CredentialClient, scope: GcpScope): () => Promise<Headers> {
  const auth = new GoogleAuth({
    scopes: [`https://www.googleapis.com/auth/${scope}`],
    // Without a project the library would look for one, in gcloud and in an API that may be switched off.
    // Nothing here asks for it: a key's name has its own, and a bucket needs none.
    projectId: "-",
  });
  // A service account signs its own token, as in Google's clients: no token endpoint to wait for.
  auth.useJWTAccessWithScope = true;
  const fetchImplementation = fetchWith(client);
  return async () =>
    Object.fromEntries(await way.run(fetchImplementation, () => auth.getRequestHeaders()));
}
