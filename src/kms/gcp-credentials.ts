import { GoogleAuth } from "google-auth-library";
import { SharedLookup } from "../system/shared-lookup.ts";

type Headers = Readonly<Record<string, string>>;

/** Where the headers of a request to Cloud KMS come from. */
export interface GcpCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  headers(): Promise<Headers>;
  /** Looks for credentials anew at the next call; `usedMs` as for `SharedLookup`. */
  forget(usedMs: number): void;
}

const SCOPE = "https://www.googleapis.com/auth/cloudkms";

/**
 * Application Default Credentials through Google's own library, which reads the process's
 * environment: the file that GOOGLE_APPLICATION_CREDENTIALS names (a service account, workload identity federation, a
 * user), gcloud's own credentials, the metadata server. It keeps the token until shortly before its end.
 */
export function googleCredentials(): GcpCredentials {
  const lookup = new SharedLookup(look);
  return {
    headers: () => lookup.get(),
    forget: (usedMs) => lookup.forget(usedMs),
  };
}

function look(): () => Promise<Headers> {
  // Without a project the library would look for one, in gcloud and in an API that may be switched off.
  // Nothing here asks for it: a key's name has its own.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: "-" });
  // A service account signs its own token, as in Google's clients: no token endpoint to wait for.
  auth.useJWTAccessWithScope = true;
  return async () => Object.fromEntries(await auth.getRequestHeaders());
}
