import { GoogleAuth } from "google-auth-library";

/** Where the headers of a request to Cloud KMS come from. */
export interface GcpCredentials {
  /** @throws whatever the library throws; its message is not for us. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Looks for credentials anew at the next call. */
  forget(): void;
}

const SCOPE = "https://www.googleapis.com/auth/cloudkms";

/**
 * Application Default Credentials through Google's own library, which reads the process's
 * environment: the file that GOOGLE_APPLICATION_CREDENTIALS names (a service account, workload identity federation, a
 * user), gcloud's own credentials, the metadata server. It keeps the token until shortly before its end.
 */
export function googleCredentials(): GcpCredentials {
  let auth = open();
  return {
    headers: async () => Object.fromEntries(await auth.getRequestHeaders()),
    forget() {
      auth = open();
    },
  };
}

function open(): GoogleAuth {
  // Without a project the library would look for one, in gcloud and in an API that may be switched off.
  // Nothing here asks for it: a key's name has its own.
  const auth = new GoogleAuth({ scopes: [SCOPE], projectId: "-" });
  // A service account signs its own token, as in Google's clients: no token endpoint to wait for.
  auth.useJWTAccessWithScope = true;
  return auth;
}
