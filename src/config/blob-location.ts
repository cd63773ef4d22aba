/** Where a blob is in Azure Storage, however the configuration writes it. */
export interface BlobLocation {
  readonly account: string;
  readonly container: string;
  /** As it is, not percent-encoded. */
  readonly blob: string;
  /** `versionid` or `snapshot`, not percent-encoded. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** The host that a URL names; undefined for `az://`, which leaves it to the cloud. */
  readonly host: string | undefined;
}

/** Naming rules (https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata). */
const BLOB_URI = /^az:\/\/([a-z0-9]{3,24})\/(\$root|[a-z0-9][a-z0-9-]{1,61}[a-z0-9])\/(.+)$/is;

/** Of the public cloud, US Government and China, and of accounts with a zone of their own. */
const HOST =
  /^([a-z0-9]{3,24})(?:-secondary)?\.(?:blob\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)|z\d{1,2}\.blob\.storage\.azure\.net)$/;

/**
 * `az://account/container/blob`, with the name of the blob as it is.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseBlobUri(text: string): BlobLocation {
  const [, account, container, blob] = BLOB_URI.exec(text) ?? [];
  if (account === undefined || container === undefined || blob === undefined) {
    throw new Error("it is not of the form az://account/container/blob");
  }
  return { account, container, blob: requestable(blob), query: [], host: undefined };
}

/**
 * The blob that an https:// URL names on a host of Azure Storage, to be asked for with credentials; undefined for any
 * other URL, and for one with a shared access signature, which is fetched as it is.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseBlobUrl(url: URL): BlobLocation | undefined {
  const [, account] = HOST.exec(url.hostname) ?? [];
  const isPlain = url.protocol === "https:" && url.port === "" && url.username === "";
  if (account === undefined || !isPlain || url.searchParams.has("sig")) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(url.pathname.slice(1));
  } catch {
    throw new Error("its path is not valid percent-encoding");
  }
  const slash = path.indexOf("/");
  const container = slash === -1 ? "$root" : path.slice(0, slash);
  const blob = path.slice(slash + 1);
  if (container === "" || blob === "") {
    throw new Error("it names no blob in a container; add the name of the artifact");
  }
  const query = [...url.searchParams];
  return { account, container, blob: requestable(blob), query, host: url.hostname };
}

/** @throws Error for a name that HTTP clients and proxies would turn into another one. */
function requestable(blob: string): string {
  if (blob.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new Error("its name has a segment . or .., which cannot be asked for by HTTP");
  }
  return blob;
}
