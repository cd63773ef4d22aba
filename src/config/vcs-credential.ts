import { VCS_TOKEN_MAX_BYTES } from "../limits.ts";

export const VCS_PROVIDERS = ["github", "gitlab", "bitbucket", "gitea"] as const;
export type VcsProvider = (typeof VCS_PROVIDERS)[number];

/** A token, as the kind of request header that its service wants it in. */
export type VcsCredential =
  /** `Authorization: Bearer`. */
  | { readonly kind: "bearer"; readonly token: string }
  /** GitLab's `PRIVATE-TOKEN`. */
  | { readonly kind: "private_token"; readonly token: string }
  /** GitLab's `JOB-TOKEN`. */
  | { readonly kind: "job_token"; readonly token: string }
  /** Basic authentication (RFC 7617). */
  | { readonly kind: "basic"; readonly user: string; readonly token: string };

/**
 * The credential that a token is for `provider`, told by its documented prefix, or by the user name
 * before a colon as the services document it for git over HTTPS.
 *
 * @throws Error that says what is wrong with the token, without repeating it.
 */
export function parseVcsCredential(provider: VcsProvider, text: string): VcsCredential {
  if (text.length > VCS_TOKEN_MAX_BYTES) {
    throw new Error(`it is longer than ${VCS_TOKEN_MAX_BYTES} characters`);
  }
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new Error("it must be visible ASCII characters without spaces");
  }
  const colon = text.indexOf(":");
  const user = colon === -1 ? undefined : text.slice(0, colon);
  const token = text.slice(colon + 1);
  const owner = ownerOf(token);
  if (owner !== undefined && owner !== provider) {
    throw new Error(
      `it looks like a token of ${owner}, but CLEF_AGENT_VCS_PROVIDER is ${provider}; correct one of them`,
    );
  }
  switch (provider) {
    case "github":
      return github(user, token);
    case "gitlab":
      return gitlab(user, token);
    case "bitbucket":
      return bitbucket(user, token);
    case "gitea":
      return gitea(user, token);
  }
}

/**
 * Prefixes by which a token tells whose it is: GitHub's
 * (https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats),
 * GitLab's (https://docs.gitlab.com/security/tokens/#token-prefixes) and Atlassian's.
 */
const PREFIXES: Readonly<Record<VcsProvider, RegExp>> = {
  github: /^(?:gh[pousr]_|github_pat_)/,
  gitlab: /^gl(?:pat|cbt|dt|rt|ptt|ft|soat|oas)-/,
  bitbucket: /^AT(?:ATT|CTT|BB)/,
  // Its tokens are hexadecimal, and have none.
  gitea: /^$/,
};

function ownerOf(token: string): VcsProvider | undefined {
  for (const provider of VCS_PROVIDERS) {
    if (PREFIXES[provider].test(token)) return provider;
  }
  return undefined;
}

/** Every kind of GitHub token is a bearer token; `x-access-token` is its user name for git. */
function github(user: string | undefined, token: string): VcsCredential {
  if (user === undefined || user === "x-access-token") return { kind: "bearer", token };
  throw new Error("GitHub wants the token alone, without a user name before it");
}

/** https://docs.gitlab.com/api/rest/authentication/ */
function gitlab(user: string | undefined, token: string): VcsCredential {
  if (/(?:^|-)gldt-/.test(token) || user?.startsWith("gitlab+deploy-token") === true) {
    throw new Error(
      "GitLab does not take deploy tokens in its API; use a project access token with the scope read_repository",
    );
  }
  switch (user) {
    case "gitlab-ci-token":
      return { kind: "job_token", token };
    case "oauth2":
      return { kind: "bearer", token };
    case undefined:
      break;
    default:
      throw new Error("before the colon GitLab knows only gitlab-ci-token and oauth2");
  }
  // An instance may put a prefix of its own before GitLab's.
  if (/(?:^|-)glcbt-/.test(token)) return { kind: "job_token", token };
  // What GitLab issues as an OAuth provider is 32 bytes in hexadecimal, without a prefix.
  if (/^[0-9a-f]{64}$/.test(token)) return { kind: "bearer", token };
  return { kind: "private_token", token };
}

/** https://developer.atlassian.com/cloud/bitbucket/rest/intro/#authentication */
function bitbucket(user: string | undefined, token: string): VcsCredential {
  if (user === "x-token-auth") return { kind: "bearer", token };
  if (user !== undefined) return { kind: "basic", user, token };
  if (token.startsWith("ATATT")) {
    throw new Error(
      "an API token of Bitbucket needs its account's email address before it, as email:token",
    );
  }
  if (token.startsWith("ATBB")) {
    throw new Error(
      "an app password of Bitbucket needs its user name before it, as username:password",
    );
  }
  return { kind: "bearer", token };
}

/** A token is a bearer token (https://docs.gitea.com/development/api-usage#authentication), alone or as git takes it. */
function gitea(user: string | undefined, token: string): VcsCredential {
  const isForGit = user === undefined || user === "oauth2" || user === "x-access-token";
  return isForGit ? { kind: "bearer", token } : { kind: "basic", user, token };
}
