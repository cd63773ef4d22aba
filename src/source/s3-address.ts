import {
  type ConfiguredEndpoint,
  configuredEndpoint,
  configuredRegion,
  configuredVariants,
} from "../aws/settings.ts";
import type { S3Host, S3Location } from "../config/s3-location.ts";

/** Where to ask for an object. Its region can turn out to be another one. */
export interface S3Address {
  readonly region: string;
  readonly url: URL;
  /** Variables that say so, for messages. */
  readonly variables: string;
  /** The same object in another region, or undefined if that is not for AWS to say. */
  in(region: string): S3Address | undefined;
  /** Tells this object from all others, in whatever region it is looked for. */
  readonly identity: string;
}

/** What every S3 service takes when nothing says more, and from where AWS tells a bucket's region. */
const DEFAULT_REGION = "us-east-1";

/**
 * The address of an object: as its URL says, or else as AWS_ENDPOINT_URL_S3 and its like say, or else
 * on AWS itself.
 *
 * @throws AgentError `config_invalid` if an endpoint is configured that cannot be used.
 */
export async function resolveS3Address(location: S3Location): Promise<S3Address> {
  const region = await configuredRegion();
  if (location.host !== undefined) {
    return onHost(location, location.host, location.host.region ?? region ?? DEFAULT_REGION);
  }
  const endpoint = await configuredEndpoint("s3");
  if (endpoint !== undefined) return atEndpoint(location, endpoint, region ?? DEFAULT_REGION);
  const { fips, dualStack } = await configuredVariants();
  return onHost(
    location,
    {
      kind: "regional",
      style: "virtual",
      service: `s3${fips ? "-fips" : ""}${dualStack ? ".dualstack" : ""}`,
      region: undefined,
      suffix: suffixOf(region ?? DEFAULT_REGION),
    },
    region ?? DEFAULT_REGION,
  );
}

/** At another service: MinIO, R2 and the like all know paths, and may know no host for each bucket. */
function atEndpoint(location: S3Location, endpoint: ConfiguredEndpoint, region: string): S3Address {
  const base = endpoint.url.href.replace(/\/$/, "");
  return {
    region,
    url: new URL(`${base}/${location.bucket}${pathAndQuery(location)}`),
    variables: `CLEF_AGENT_SOURCE and ${endpoint.variable}`,
    in: (other) => atEndpoint(location, endpoint, other),
    identity: identityOf(location, base),
  };
}

function onHost(location: S3Location, host: S3Host, region: string): S3Address {
  const named = host.region ?? (location.host === undefined ? "AWS_REGION" : undefined);
  const variables =
    named === "AWS_REGION" ? "CLEF_AGENT_SOURCE and AWS_REGION" : "CLEF_AGENT_SOURCE";
  const common = { region, variables };
  if (host.kind === "fixed") {
    const path = host.style === "path" ? `/${location.bucket}` : "";
    return {
      ...common,
      url: new URL(`https://${host.host}${path}${pathAndQuery(location)}`),
      in: (other) => onHost(location, host, other),
      identity: identityOf(location, host.host),
    };
  }
  const server = `${host.service}.${region}.${host.suffix}`;
  // The certificate of S3 covers one label in front of its host.
  const virtual = host.style === "virtual" && /^[a-z0-9-]+$/.test(location.bucket);
  const start = virtual ? `${location.bucket}.${server}` : `${server}/${location.bucket}`;
  return {
    ...common,
    url: new URL(`https://${start}${pathAndQuery(location)}`),
    // Nobody's word leads out of the partition that the credentials belong to.
    in: (other) => (suffixOf(other) === host.suffix ? onHost(location, host, other) : undefined),
    identity: identityOf(location, host.suffix),
  };
}

/** Of the partition (AWS General Reference, "Service endpoints"). */
function suffixOf(region: string): string {
  if (region.startsWith("cn-")) return "amazonaws.com.cn";
  if (region.startsWith("eusc-")) return "amazonaws.eu";
  return "amazonaws.com";
}

function identityOf({ bucket, key, query }: S3Location, where: string): string {
  return JSON.stringify([where, bucket, key, query]);
}

function pathAndQuery({ key, query }: S3Location): string {
  const path = key.split("/").map(encode).join("/");
  const pairs = query.map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return `/${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
}

/** As the canonical request wants it: all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
