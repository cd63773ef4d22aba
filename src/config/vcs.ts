import type { EnvReader } from "./env-reader.ts";
import { parseHttpUrl } from "./http-url.ts";
import type { VariableName } from "./variables.ts";
import {
  parseVcsCredential,
  VCS_PROVIDERS,
  type VcsCredential,
  type VcsProvider,
} from "./vcs-credential.ts";

/** A packed artifact in a repository, and how to ask for it. */
export interface VcsConfig {
  readonly kind: "vcs";
  readonly provider: VcsProvider;
  readonly repo: string;
  readonly credential: VcsCredential;
  /** The file that the token came from and may be replaced in; undefined for one in the environment. */
  readonly tokenFile: string | undefined;
  readonly identity: string;
  readonly environment: string;
  /** Branch, tag or commit; undefined is the default branch. */
  readonly ref: string | undefined;
  /** Undefined is the public service. */
  readonly apiUrl: URL | undefined;
}

const REQUIRED: readonly VariableName[] = [
  "CLEF_AGENT_VCS_PROVIDER",
  "CLEF_AGENT_VCS_REPO",
  "CLEF_AGENT_VCS_TOKEN",
  "CLEF_AGENT_VCS_IDENTITY",
  "CLEF_AGENT_VCS_ENVIRONMENT",
];

/** The VCS source, "unset" if nothing of it is set, or undefined after its errors were recorded. */
export function readVcs(env: EnvReader): VcsConfig | undefined | "unset" {
  const provider = env.oneOf("CLEF_AGENT_VCS_PROVIDER", VCS_PROVIDERS);
  const repo = env.text("CLEF_AGENT_VCS_REPO");
  const token = env.textOrFile("CLEF_AGENT_VCS_TOKEN", "CLEF_AGENT_VCS_TOKEN_FILE");
  const tokenFile = env.text("CLEF_AGENT_VCS_TOKEN_FILE");
  const identity = env.text("CLEF_AGENT_VCS_IDENTITY");
  const environment = env.text("CLEF_AGENT_VCS_ENVIRONMENT");
  const ref = env.text("CLEF_AGENT_VCS_REF");
  const apiText = env.text("CLEF_AGENT_VCS_API_URL");
  const apiUrl =
    apiText === undefined
      ? undefined
      : env.tryTo("config_invalid", "CLEF_AGENT_VCS_API_URL", () => parseApiUrl(apiText));

  const given = [
    env.text("CLEF_AGENT_VCS_PROVIDER"),
    repo,
    token ?? tokenFile,
    identity,
    environment,
  ];
  if ([...given, ref, apiText].every((value) => value === undefined)) return "unset";
  const missing = REQUIRED.filter((_, index) => given[index] === undefined);
  if (missing.length > 0) {
    env.fail("config_missing", `${missing.join(", ")}: not set; the VCS source needs all five`);
  }
  if (provider === "gitea" && apiText === undefined) {
    env.fail(
      "config_missing",
      "CLEF_AGENT_VCS_API_URL is not set; gitea has several public services, so name yours, such as https://gitea.com or https://codeberg.org",
    );
  }
  checkNames(env, { identity, environment, ref });
  checkRepo(env, provider, repo);
  const credential =
    provider === undefined || token === undefined
      ? undefined
      : env.tryTo("config_invalid", vcsTokenVariable(tokenFile), () =>
          parseVcsCredential(provider, token),
        );
  if (
    provider === undefined ||
    repo === undefined ||
    credential === undefined ||
    identity === undefined ||
    environment === undefined
  ) {
    return undefined;
  }
  return {
    kind: "vcs",
    provider,
    repo,
    credential,
    tokenFile,
    identity,
    environment,
    ref,
    apiUrl,
  };
}

/** The variable to look at when the token is not accepted. */
export function vcsTokenVariable(tokenFile: string | undefined): VariableName | `${string}_FILE` {
  return tokenFile === undefined ? "CLEF_AGENT_VCS_TOKEN" : "CLEF_AGENT_VCS_TOKEN_FILE";
}

/** @throws Error if `text` is no base of an API. */
function parseApiUrl(text: string): URL {
  const url = parseHttpUrl(text);
  if (url.username !== "" || url.password !== "") {
    throw new Error("it must not hold credentials; the token belongs into CLEF_AGENT_VCS_TOKEN");
  }
  if (url.search !== "") throw new Error("it must be a base URL, without a query");
  return url;
}

function checkNames(
  env: EnvReader,
  names: Readonly<Record<"identity" | "environment" | "ref", string | undefined>>,
): void {
  for (const [name, value] of [
    ["CLEF_AGENT_VCS_IDENTITY", names.identity],
    ["CLEF_AGENT_VCS_ENVIRONMENT", names.environment],
  ] as const) {
    if (value !== undefined && !isPathSegment(value)) {
      env.fail("config_invalid", `${name} must be a plain name, without slashes or dots alone`);
    }
  }
  if (names.ref !== undefined && !names.ref.split("/").every(isPathSegment)) {
    env.fail("config_invalid", "CLEF_AGENT_VCS_REF must be a branch, tag or commit");
  }
}

function checkRepo(
  env: EnvReader,
  provider: VcsProvider | undefined,
  repo: string | undefined,
): void {
  if (repo === undefined) return;
  const segments = repo.split("/");
  const fits = provider === "gitlab" ? segments.length >= 2 : segments.length === 2;
  if (fits && segments.every((segment) => isPathSegment(segment) && !/\s/.test(segment))) return;
  const form = provider === "gitlab" ? "group/project or group/subgroup/project" : "org/repo";
  env.fail("config_invalid", `CLEF_AGENT_VCS_REPO must be of the form ${form}`);
}

/** Whether a name can be one segment of a path: a URL would take dots alone as a step. */
function isPathSegment(name: string): boolean {
  return name !== "" && !/[/\\\p{Cc}]/u.test(name) && name !== "." && name !== "..";
}
