import { parseBlobUri, parseBlobUrl } from "./blob-location.ts";
import { parseGcsUri, parseGcsUrl } from "./gcs-location.ts";
import { parseHttpUrl } from "./http-url.ts";
import { parseS3Uri, parseS3Url } from "./s3-location.ts";
import type { SourceConfig } from "./source.ts";

/** @throws Error that says what is wrong with the location, without repeating it. */
export function parseLocation(scheme: string, location: string): SourceConfig {
  switch (scheme) {
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
