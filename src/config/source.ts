import type { EnvReader } from "./env-reader.ts";
import { parseS3Uri, parseS3Url, type S3Location } from "./s3-location.ts";
import type { VariableName } from "./variables.ts";

export type VcsProvider = "github" | "gitlab" | "bitbucket";

/** Where the packed artifact is; chosen once, here. */
export type SourceConfig =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly location: S3Location }
  | {
      readonly kind: "vcs";
      readonly provider: VcsProvider;
      readonly repo: string;
      readonly token: string;
      readonly identity: string;
      readonly environment: string;
      readonly ref: string | undefined;
      readonly apiUrl: URL | undefined;
    };

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

/** @throws Error if `text` is no http(s) URL. */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error("it is not a valid http:// or https:// URL");
  }
  url.hash = "";
  return url;
}

function parseWebAddress(text: string): SourceConfig {
  const url = parseHttpUrl(text);
  const location = parseS3Url(url);
  return location === undefined ? { kind: "http", url } : { kind: "s3", location };
}

const REQUIRED: readonly VariableName[] = [
  "CLEF_AGENT_VCS_PROVIDER",
  "CLEF_AGENT_VCS_REPO",
  "CLEF_AGENT_VCS_TOKEN",
  "CLEF_AGENT_VCS_IDENTITY",
  "CLEF_AGENT_VCS_ENVIRONMENT",
];

function readVcs(env: EnvReader): SourceConfig | undefined | "unset" {
  const provider = env.oneOf("CLEF_AGENT_VCS_PROVIDER", ["github", "gitlab", "bitbucket"]);
  const repo = env.text("CLEF_AGENT_VCS_REPO");
  const token = env.textOrFile("CLEF_AGENT_VCS_TOKEN", "CLEF_AGENT_VCS_TOKEN_FILE");
  const identity = env.text("CLEF_AGENT_VCS_IDENTITY");
  const environment = env.text("CLEF_AGENT_VCS_ENVIRONMENT");
  const ref = env.text("CLEF_AGENT_VCS_REF");
  const apiText = env.text("CLEF_AGENT_VCS_API_URL");
  const apiUrl =
    apiText === undefined
      ? undefined
      : env.tryTo("config_invalid", "CLEF_AGENT_VCS_API_URL", () => parseHttpUrl(apiText));

  // A token file that cannot be read has an error of its own.
  const givenToken = token ?? env.text("CLEF_AGENT_VCS_TOKEN_FILE");
  const given = [env.text("CLEF_AGENT_VCS_PROVIDER"), repo, givenToken, identity, environment];
  if ([...given, ref, apiText].every((value) => value === undefined)) return "unset";
  const missing = REQUIRED.filter((_, index) => given[index] === undefined);
  if (missing.length > 0) {
    env.fail("config_missing", `${missing.join(", ")}: not set; the VCS source needs all five`);
  }
  for (const [name, value] of [
    ["CLEF_AGENT_VCS_IDENTITY", identity],
    ["CLEF_AGENT_VCS_ENVIRONMENT", environment],
  ] as const) {
    if (value !== undefined && !isPathSegment(value)) {
      env.fail("config_invalid", `${name} must be a plain name, without slashes or dots alone`);
    }
  }
  const repoForm = provider === "gitlab" ? /^[^/\s]+(?:\/[^/\s]+)+$/ : /^[^/\s]+\/[^/\s]+$/;
  if (repo !== undefined && !repoForm.test(repo)) {
    env.fail("config_invalid", "CLEF_AGENT_VCS_REPO must be of the form org/repo");
  }
  if (
    provider === undefined ||
    repo === undefined ||
    token === undefined ||
    identity === undefined ||
    environment === undefined
  ) {
    return undefined;
  }
  return { kind: "vcs", provider, repo, token, identity, environment, ref, apiUrl };
}

/** Whether a name can be one segment of the artifact's path in the repository. */
function isPathSegment(name: string): boolean {
  return !/[/\\\p{Cc}]/u.test(name) && name !== "." && name !== "..";
}
