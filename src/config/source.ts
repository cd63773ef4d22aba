import { type BlobLocation, parseBlobUri, parseBlobUrl } from "./blob-location.ts";
import type { EnvReader } from "./env-reader.ts";
import { type GcsLocation, parseGcsUri, parseGcsUrl } from "./gcs-location.ts";
import { parseHttpUrl } from "./http-url.ts";
import { parseS3Uri, parseS3Url, type S3Location } from "./s3-location.ts";
import { readVcs, type VcsConfig } from "./vcs.ts";

/** Where the packed artifact is; chosen once, here. */
export type SourceConfig =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly location: S3Location }
  | { readonly kind: "gcs"; readonly location: GcsLocation }
  | { readonly kind: "azure_blob"; readonly location: BlobLocation }
  | VcsConfig;

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** The source, or undefined after its errors were recorded. */
export function readSource(env: EnvReader): SourceConfig | undefined {
  const location = env.text("CLEF_AGENT_SOURCE");
  const vcs = readVcs(env);
  if (location === undefined) {
    if (vcs === "unset") {
      env.fail(
        "config_missing",
        "CLEF_AGENT_SOURCE is not set; give the file path or URL of a packed artifact, or the five CLEF_AGENT_VCS_ variables",
      );
    }
    return vcs === "unset" ? undefined : vcs;
  }
  if (vcs !== "unset") env.conflict("CLEF_AGENT_SOURCE", "CLEF_AGENT_VCS_…");
  return env.tryTo("config_invalid", "CLEF_AGENT_SOURCE", () => parseLocation(location));
}

/** @throws Error that says what is wrong with the location, without repeating it. */
export function parseLocation(location: string): SourceConfig {
  const scheme = SCHEME.exec(location)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { kind: "file", path: location };
    case "http":
    case "https":
      return parseWebAddress(location);
    case "s3":
      return { kind: "s3", location: parseS3Uri(location) };
    case "gs":
      return { kind: "gcs", location: parseGcsUri(location) };
    case "az":
      return { kind: "azure_blob", location: parseBlobUri(location) };
    default:
      throw new Error(
        "its scheme is not supported; use http://, https://, s3://bucket/key, gs://bucket/object, az://account/container/blob or a file path",
      );
  }
}

function parseWebAddress(text: string): SourceConfig {
  const url = parseHttpUrl(text);
  const s3 = parseS3Url(url);
  if (s3 !== undefined) return { kind: "s3", location: s3 };
  const gcs = parseGcsUrl(url);
  if (gcs !== undefined) return { kind: "gcs", location: gcs };
  const blob = parseBlobUrl(url);
  return blob === undefined ? { kind: "http", url } : { kind: "azure_blob", location: blob };
}
