import { azureCredentials, type AzureCredentials } from "../azure/credentials.ts";
import {
  type BlobConnection,
  parseConnectionString,
  sharedKeyHeader,
} from "../azure/connection-string.ts";
import type { BlobLocation } from "../config/blob-location.ts";
import { AgentError } from "../errors.ts";
import type { Answered } from "../net/outcome.ts";
import type { CredentialLookup } from "./bucket/authorization.ts";
import { bucketSource, type BucketOptions } from "./bucket/bucket-source.ts";
import { byStatus, type Meaning, refusalError } from "./bucket/refusal.ts";
import type { Source } from "./source.ts";
import { urlExpiresAt } from "./url-expiry.ts";

export interface AzureBlobOptions extends BucketOptions {
  readonly credentials?: AzureCredentials;
}

const VARIABLES = "CLEF_AGENT_SOURCE";
const CONNECTION = "AZURE_STORAGE_CONNECTION_STRING";
/** The first with versions of blobs; emulators know it too. */
const API_VERSION = "2020-10-02";
/** The same in every cloud (https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory). */
const SCOPE = "https://storage.azure.com/.default";

/**
 * A blob in Azure Storage (https://learn.microsoft.com/rest/api/storageservices/get-blob), asked for conditionally.
 * AZURE_STORAGE_CONNECTION_STRING leads to an emulator, or brings the account's key, where it is for the same account.
 *
 * @throws AgentError `config_invalid` if that cannot be read.
 */
export function azureBlobSource(location: BlobLocation, options: AzureBlobOptions): Source {
  const { account, container, blob, query } = location;
  const connection = connectionFor(account);
  const base = connection?.endpoint ?? `https://${location.host ?? `${account}.${cloudSuffix()}`}`;
  const path = [container, ...blob.split("/")].map(encodeURIComponent).join("/");
  const url = new URL(
    `${base}/${path.replace("%24root", "$root")}${connection?.sas === undefined ? "" : `?${connection.sas}`}`,
  );
  for (const [name, value] of query) url.searchParams.set(name, value);
  const credentials =
    connection === undefined
      ? (options.credentials ?? azureCredentials(options.network))
      : undefined;
  const key = connection?.key;
  return bucketSource(
    {
      type: "azure_blob",
      description: `az://${account}/${container}/${blob}`,
      cacheKey: `azure_blob ${JSON.stringify([base, container, blob, query])}`,
      variables: connection === undefined ? VARIABLES : `${VARIABLES} and ${CONNECTION}`,
      ask: (etag) => ({
        url,
        headers: {
          "x-ms-version": API_VERSION,
          "x-ms-date": new Date().toUTCString(),
          ...(etag === undefined ? {} : { "if-none-match": etag }),
        },
      }),
      etagOf: ({ headers }) => headers.get("etag") ?? undefined,
      credentials: credentials === undefined ? undefined : lookupOf(credentials),
      ...(key === undefined
        ? {}
        : { sign: (to, headers) => sharedKeyHeader({ account, key }, to, headers) }),
      refusal: (answer, from) => {
        const shown = connection === undefined ? from : CONNECTION;
        const why = connection?.sas === undefined ? undefined : expired(answer, url);
        return refusalError(answer, errorCode(answer), why ?? meaning(answer, shown));
      },
    },
    options,
  );
}

/** What AZURE_STORAGE_CONNECTION_STRING says, where it is for this account: it may be another program's. */
function connectionFor(account: string): BlobConnection | undefined {
  const text = process.env[CONNECTION] ?? "";
  if (text === "") return undefined;
  let connection: BlobConnection;
  try {
    connection = parseConnectionString(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : "it cannot be read";
    throw new AgentError("config_invalid", `${CONNECTION}: ${problem}`);
  }
  return connection.account === account ? connection : undefined;
}

/** The blob hosts of the cloud whose identity provider AZURE_AUTHORITY_HOST names. */
function cloudSuffix(): string {
  const authority = process.env["AZURE_AUTHORITY_HOST"] ?? "";
  if (/\.microsoftonline\.us\b/.test(authority)) return "blob.core.usgovcloudapi.net";
  if (/\.(?:chinacloudapi|partner\.microsoftonline)\.cn\b/.test(authority)) {
    return "blob.core.chinacloudapi.cn";
  }
  return "blob.core.windows.net";
}

/** What names credentials to Azure's library, in the order in which it looks. */
const ORIGINS = [
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PATH",
  "AZURE_FEDERATED_TOKEN_FILE",
];

function lookupOf(credentials: AzureCredentials): CredentialLookup {
  return {
    name: "Azure",
    look: async () => ({ authorization: `Bearer ${await credentials.token(SCOPE)}` }),
    forget: () => credentials.forget(),
    trouble: () => credentials.trouble,
    origin() {
      const from = ORIGINS.find((name) => (process.env[name] ?? "") !== "");
      if (from === undefined) return undefined;
      return { from, advice: `check ${from}, AZURE_CLIENT_ID and AZURE_TENANT_ID` };
    },
  };
}

/** Storage says of a signature that has expired what it says of a wrong one. */
function expired({ status }: Answered, signed: URL): Meaning | undefined {
  const expiresAt = urlExpiresAt(signed);
  const isRefusal = status === 401 || status === 403;
  if (!isRefusal || expiresAt === undefined || expiresAt.getTime() > Date.now()) return undefined;
  return {
    code: "source_unauthorized",
    advice: `the shared access signature in ${CONNECTION} expired at ${expiresAt.toISOString()}; write a new one there`,
  };
}

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes */
function meaning(answer: Answered, from: string | undefined): Meaning {
  const { status } = answer;
  switch (errorCode(answer)) {
    case "BlobNotFound":
      return { code: "source_not_found", advice: `there is no such blob; check ${VARIABLES}` };
    case "ContainerNotFound":
      return { code: "source_not_found", advice: `there is no such container; check ${VARIABLES}` };
    case "BlobArchived":
      return { code: "source_forbidden", advice: "the blob is archived; rehydrate it" };
    case "AccountIsDisabled":
      return { code: "source_forbidden", advice: "the storage account is disabled" };
    case "AuthorizationFailure":
      if (from === undefined) break;
      return {
        code: "source_forbidden",
        advice:
          "the network rules of the storage account do not let this machine in, or the key may not read",
      };
    case "ServerBusy":
      return { code: "source_rate_limited", advice: "waiting before the next attempt" };
    default:
  }
  // Without credentials a container that is not public is not there, or not to be asked so.
  const isHidden = status === 401 || status === 403 || status === 404 || status === 409;
  if (from === undefined && isHidden) {
    return {
      code: "source_unauthorized",
      advice:
        "it was asked without credentials, as no Azure credentials were found; give this workload a managed or workload identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    };
  }
  if (errorCode(answer) === "AuthenticationFailed" || status === 401) {
    return {
      code: "source_unauthorized",
      advice: `it does not accept the credentials of ${from}; check them, and the clock of this machine`,
    };
  }
  if (status === 403) {
    return {
      code: "source_forbidden",
      advice: `allow ${from} to read it, as the role Storage Blob Data Reader on the container does`,
    };
  }
  return byStatus(status, VARIABLES);
}

function errorCode({ headers }: Answered): string | undefined {
  return headers.get("x-ms-error-code") ?? undefined;
}
