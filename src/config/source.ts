import type { EnvReader } from "./env-reader.ts";
import { parseHttpUrl } from "./http-url.ts";
import { parseS3Uri, parseS3Url, type S3Location } from "./s3-location.ts";
import { readVcs, type VcsConfig } from "./vcs.ts";

/** Where the packed artifact is; chosen once, here. */
export type SourceConfig =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly location: S3Location }
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
    default:
      throw new Error(
        "its scheme is not supported; use http://, https://, s3://bucket/key or a file path",
      );
  }
}

function parseWebAddress(text: string): SourceConfig {
  const url = parseHttpUrl(text);
  const location = parseS3Url(url);
  return location === undefined ? { kind: "http", url } : { kind: "s3", location };
}
