import type { VcsConfig } from "../config/vcs.ts";
import type { AgentError } from "../errors.ts";
import { VCS_METADATA_MAX_BYTES } from "../limits.ts";
import type { Source } from "./source.ts";
import { addressOf, apiBase, artifactPath } from "./vcs/address.ts";
import { Memory } from "./vcs/memory.ts";
import { type VcsOptions, vcsSource } from "./vcs/vcs-source.ts";
import { isWebPage, type Missing, refusalsFor } from "./vcs/refusal.ts";
import { type Answer, textAt, type Visit } from "./vcs/visit.ts";

/**
 * GitHub, and GitHub Enterprise: the contents of a file, raw, which is how files over 1 MB come
 * (https://docs.github.com/en/rest/repos/contents#get-repository-content), asked conditionally. An
 * unchanged file is a 304, which costs nothing of the primary rate limit.
 */
export function githubSource(config: VcsConfig, options: VcsOptions): Source {
  const { repo, ref } = config;
  const base = apiBase(config.apiUrl, "https://api.github.com", "");
  const repository = ["repos", ...repo.split("/")];
  const contents = addressOf(
    base,
    [...repository, "contents", ...artifactPath(config)],
    ref === undefined ? {} : { ref },
  );
  const commit = addressOf(base, [...repository, "commits", ref ?? "HEAD"]);
  const refusals = refusalsFor(config, "read access to the contents of the repository");
  const why = new Memory<Missing>();

  /** A 404 says neither what is missing nor whether the token is good; a look at the commit does. */
  const explain = async (visit: Visit, answer: Answer): Promise<AgentError> => {
    const known = why.get();
    if (known !== undefined) return refusals.notFound(answer, known);
    const second = await visit.ask(commit, {
      headers: { accept: "application/vnd.github.sha" },
      maxBytes: VCS_METADATA_MAX_BYTES,
    });
    const missing = missingBy(second.status);
    if (missing === undefined) return refuse(second);
    why.keep(missing);
    return refusals.notFound(answer, missing);
  };

  const refuse = (answer: Answer): AgentError => {
    if (isRateLimit(answer)) return refusals.rateLimited(answer, "x-ratelimit-reset");
    // https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api: its value is an address with a token.
    if (answer.status === 403 && answer.headers.has("x-github-sso")) {
      return refusals.forbidden(
        answer,
        "the organization requires single sign-on, and the token is not authorized for it",
      );
    }
    return refusals.of(answer);
  };

  return vcsSource(
    config,
    {
      base,
      // The oldest version there is: Enterprise servers know it too.
      headers: { "x-github-api-version": "2022-11-28" },
      async fetch(visit, etag) {
        const answer = await visit.ask(contents, {
          headers: {
            accept: "application/vnd.github.raw+json",
            ...(etag === undefined ? {} : { "if-none-match": etag }),
          },
        });
        if (answer.status === 404 && !isWebPage(answer)) throw await explain(visit, answer);
        why.forget();
        if (answer.status === 304 && etag !== undefined) return { kind: "unchanged" };
        if (answer.status !== 200 || isWebPage(answer)) throw refuse(answer);
        const { bytes, headers } = answer;
        return { kind: "bytes", bytes, etag: headers.get("etag") ?? undefined };
      },
    },
    options,
  );
}

/** https://docs.github.com/en/rest/commits/commits#get-a-commit, by status. */
function missingBy(status: number): Missing | undefined {
  switch (status) {
    case 200:
      return "file";
    case 404:
      return "repository";
    case 409:
      return "commits";
    case 422:
      return "ref";
    default:
      return undefined;
  }
}

/**
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit:
 * a 403 or 429 with one of two headers, or, for secondary limits, with nothing but a message.
 */
function isRateLimit(answer: Answer): boolean {
  const { status, headers } = answer;
  if (status !== 403) return status === 429;
  if (headers.has("retry-after") || headers.get("x-ratelimit-remaining") === "0") return true;
  return textAt(answer, "message")?.includes("secondary rate limit") === true;
}
