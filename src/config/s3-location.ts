/** Where an object is in S3, however the configuration writes it. */
export interface S3Location {
  readonly bucket: string;
  /** As it is, not percent-encoded. */
  readonly key: string;
  /** Parameters such as `versionId`, not percent-encoded. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** What the address says of the host; undefined for `s3://`, which says nothing. */
  readonly host: S3Host | undefined;
}

/** An S3 host, as a URL in one of the forms that AWS documents names it. */
export type S3Host =
  | {
      /** `<service>.<region>.<suffix>`: the region can be put in. */
      readonly kind: "regional";
      readonly style: "virtual" | "path";
      /** `s3`, `s3-fips`, `s3.dualstack` or `s3-fips.dualstack`. */
      readonly service: string;
      /** Undefined for the legacy global host. */
      readonly region: string | undefined;
      readonly suffix: string;
    }
  | {
      /** A host of its own, used as it is: an access point, a VPC endpoint, acceleration. */
      readonly kind: "fixed";
      readonly style: "virtual" | "path";
      readonly host: string;
      readonly region: string | undefined;
    };

const S3_URI = /^s3:\/\/([a-z0-9][a-z0-9._-]{1,253}[a-z0-9])\/(.+?)(?:\?versionId=([^?&#]+))?$/is;

/**
 * `s3://bucket/key`, with the key as it is, and perhaps `?versionId=…`.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseS3Uri(text: string): S3Location {
  const [, bucket, key, version] = S3_URI.exec(text) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new Error("it is not of the form s3://bucket/key");
  }
  const query = version === undefined ? [] : [["versionId", version] as const];
  return { bucket, key: requestable(key), query, host: undefined };
}

/**
 * The object that an https:// URL names on a host of Amazon S3, to be asked for with a signature;
 * undefined for any other URL, and for a presigned one, which is fetched as it is.
 *
 * @throws Error that says what is wrong with it, without repeating it.
 */
export function parseS3Url(url: URL): S3Location | undefined {
  if (url.protocol !== "https:" || url.username !== "" || url.password !== "") return undefined;
  const named = url.port === "" ? parseHost(url.hostname) : undefined;
  if (named === undefined || isPresigned(url)) return undefined;
  const path = decodePath(url.pathname);
  const [, bucket, key] =
    named.bucket === undefined ? (/^([^/]+)\/(.+)$/s.exec(path) ?? []) : ["", named.bucket, path];
  if (bucket === undefined || key === undefined || key === "") {
    throw new Error("it names no object in a bucket; add the key of the artifact");
  }
  return { bucket, key: requestable(key), query: [...url.searchParams], host: named.host };
}

/** Signature versions 4 and 2, in the query (Amazon S3 User Guide, "Presigned URLs"). */
function isPresigned(url: URL): boolean {
  const names = new Set([...url.searchParams.keys()].map((name) => name.toLowerCase()));
  return names.has("x-amz-signature") || names.has("signature");
}

/**
 * S3 takes a plus sign in a path for a space, and its console writes spaces so; a key with a plus sign
 * has `%2B`.
 */
function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname.slice(1).replaceAll("+", "%20"));
  } catch {
    throw new Error("its path is not valid percent-encoding");
  }
}

/** @throws Error for a key that HTTP clients and proxies would turn into another one. */
function requestable(key: string): string {
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    throw new Error("its key has a segment . or .., which cannot be asked for by HTTP");
  }
  return key;
}

const REGION = "[a-z]{2,4}(?:-[a-z]+)+-\\d{1,2}";
/** AWS, China and the European Sovereign Cloud. */
const SUFFIX = "(?<suffix>amazonaws\\.com|amazonaws\\.com\\.cn|amazonaws\\.eu)";

/** Amazon S3 User Guide, "Virtual hosting of buckets" and "Dual-stack endpoints"; FIPS endpoints. */
const REGIONAL = new RegExp(
  `^(?:(?<bucket>.+)\\.)?(?<service>s3(?:-fips)?(?:\\.dualstack)?)(?:[.-](?<region>${REGION}))?\\.${SUFFIX}$`,
);
/** Hosts that stay as they are; the bucket is in front, except at the interface endpoint of a VPC. */
const FIXED = new RegExp(
  `^(?<bucket>.+)\\.(?:s3-accelerate(?:\\.dualstack)?|s3-accesspoint(?:-fips)?(?:\\.dualstack)?\\.(?<region>${REGION})|bucket\\.vpce-[a-z0-9-]+\\.s3\\.(?<vpce>${REGION})\\.vpce)\\.${SUFFIX}$`,
);
const VPC_PATH = new RegExp(
  `^bucket\\.vpce-[a-z0-9-]+\\.s3\\.(?<region>${REGION})\\.vpce\\.${SUFFIX}$`,
);

function parseHost(
  host: string,
): { readonly bucket: string | undefined; readonly host: S3Host } | undefined {
  const path = VPC_PATH.exec(host)?.groups;
  if (path !== undefined) {
    const region = path["region"];
    return { bucket: undefined, host: { kind: "fixed", style: "path", host, region } };
  }
  const fixed = FIXED.exec(host)?.groups;
  if (fixed !== undefined) {
    const region = fixed["region"] ?? fixed["vpce"];
    return { bucket: fixed["bucket"], host: { kind: "fixed", style: "virtual", host, region } };
  }
  const { bucket, service, region, suffix } = REGIONAL.exec(host)?.groups ?? {};
  if (service === undefined || suffix === undefined) return undefined;
  const style = bucket === undefined ? "path" : "virtual";
  return { bucket, host: { kind: "regional", style, service, region, suffix } };
}
