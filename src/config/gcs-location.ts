/** Where an object is in Google Cloud Storage, however the configuration writes it. */
export interface GcsLocation {
  readonly bucket: string;
  /** As it is, not percent-encoded. */
  readonly object: string;
  /** One version of it; undefined is the newest. */
  readonly generation: string | undefined;
}

const GCS_URI = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])\/(.+?)(?:#(\d{1,20}))?$/is;
const HOST = "storage.googleapis.com";

/**
 * `gs://bucket/object`, with the name of the object as it is, and perhaps `#generation` as gcloud writes it.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseGcsUri(text: string): GcsLocation {
  const [, bucket, object, generation] = GCS_URI.exec(text) ?? [];
  if (bucket === undefined || object === undefined) {
    throw new Error("it is not of the form gs://bucket/object");
  }
  return { bucket, object, generation };
}

/**
 * The object that an https:// URL names on a host of Cloud Storage, to be asked for with credentials; undefined
 * for any other URL, and for a signed one, which is fetched as it is.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseGcsUrl(url: URL): GcsLocation | undefined {
  const { hostname, searchParams } = url;
  const isPlain = url.protocol === "https:" && url.port === "" && url.username === "";
  const isHost = hostname === HOST || hostname === "storage.cloud.google.com";
  const isVirtual = hostname.endsWith(`.${HOST}`);
  if (!isPlain || !(isHost || isVirtual) || isSigned(searchParams)) return undefined;
  // The address of an API, with parameters of its own.
  if (/^\/(?:storage|upload|download|batch)\/v1\//.test(url.pathname)) return undefined;
  const path = decodePath(url.pathname);
  const whole = isVirtual ? `${hostname.slice(0, -HOST.length - 1)}/${path}` : path;
  const [, bucket, object] = /^([^/]+)\/(.+)$/s.exec(whole) ?? [];
  if (bucket === undefined || object === undefined) {
    throw new Error("it names no object in a bucket; add the name of the artifact");
  }
  const generation = searchParams.get("generation") ?? undefined;
  if (generation !== undefined && !/^\d{1,20}$/.test(generation)) {
    throw new Error("its generation is no number");
  }
  return { bucket, object, generation };
}

/** Cloud Storage, "Signed URLs": V4, and the older V2. */
function isSigned(query: URLSearchParams): boolean {
  const names = new Set([...query.keys()].map((name) => name.toLowerCase()));
  return names.has("x-goog-signature") || names.has("x-amz-signature") || names.has("signature");
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname.slice(1));
  } catch {
    throw new Error("its path is not valid percent-encoding");
  }
}
