import { type VcsConfig, vcsTokenVariable } from "../../config/vcs.ts";
import { AgentError, type SourceCode } from "../../errors.ts";
import { VCS_RATE_LIMIT_PAUSE_MS } from "../../limits.ts";
import type { AnswerHeaders } from "../../net/answer-headers.ts";
import { answered } from "../../net/outcome.ts";
import { retryAfterMs } from "../../net/retry-after.ts";
import { artifactPath } from "./address.ts";
import type { Answer } from "./visit.ts";

/** What is not there. */
export type Missing = "repository" | "commits" | "ref" | "file";

/** The errors of one configured source: each says which variable to look at. */
export interface Refusals {
  /** What an answer that is none of the expected ones means. */
  readonly of: (answer: Answer) => AgentError;
  /** Too many requests; waits as long as the service says, or a minute. */
  readonly rateLimited: (answer: Answer, resetHeader?: string) => AgentError;
  /** The token may not; `what` says more. */
  readonly forbidden: (answer: Answer, what: string) => AgentError;
  readonly notFound: (answer: Answer, missing: Missing) => AgentError;
}

/** @param needs - what the token must be allowed, to be read after "the token needs". */
export function refusalsFor(config: VcsConfig, needs: string): Refusals {
  const { provider, repo, ref, apiUrl, tokenFile } = config;
  const token = vcsTokenVariable(tokenFile);
  const address: readonly string[] = [
    ...(apiUrl === undefined ? [] : ["CLEF_AGENT_VCS_API_URL"]),
    "CLEF_AGENT_VCS_PROVIDER",
  ];

  const error = (code: SourceCode, answer: Answer, advice: string, waitMs?: number): AgentError =>
    new AgentError(code, `${answered(answer)}; ${advice}`, {
      retryAfterMs: waitMs ?? retryAfterMs(answer.headers, Date.now()),
    });

  const missingAdvice: Readonly<Record<Missing, string>> = {
    repository: `${repo} does not exist there, or the token may not see it; check ${listed("CLEF_AGENT_VCS_REPO", token, ...address)}`,
    commits: `${repo} is empty; commit the artifact, or check CLEF_AGENT_VCS_REPO`,
    ref:
      ref === undefined
        ? `${repo} has no default branch with a commit; set CLEF_AGENT_VCS_REF`
        : `${repo} has no branch, tag or commit ${ref}; check CLEF_AGENT_VCS_REF`,
    file: `${repo} has no ${artifactPath(config).join("/")} at ${ref ?? "its default branch"}; check CLEF_AGENT_VCS_IDENTITY, CLEF_AGENT_VCS_ENVIRONMENT and CLEF_AGENT_VCS_REF, or commit the artifact there`,
  };

  const rateLimited: Refusals["rateLimited"] = (answer, resetHeader = "ratelimit-reset") => {
    const waitMs =
      retryAfterMs(answer.headers, Date.now()) ??
      untilResetMs(answer.headers, resetHeader) ??
      VCS_RATE_LIMIT_PAUSE_MS;
    const advice = `the rate limit of ${token} is used up; waiting ${Math.ceil(waitMs / 1000)} s`;
    return error("source_rate_limited", answer, advice, waitMs);
  };
  const forbidden: Refusals["forbidden"] = (answer, what) =>
    error("source_forbidden", answer, `${what}; the token in ${token} needs ${needs}`);
  const notFound: Refusals["notFound"] = (answer, missing) =>
    error("source_not_found", answer, missingAdvice[missing]);

  const of: Refusals["of"] = (answer) => {
    const { status } = answer;
    if (status === 429) return rateLimited(answer);
    if (status >= 500) return error("source_server_error", answer, "waiting for it to recover");
    if (isWebPage(answer)) {
      const advice = `that is a web page and not the API of ${provider}; check ${listed(...address)}`;
      return error("source_unexpected_answer", answer, advice);
    }
    if (status === 401) {
      const advice = `the token is wrong, expired, revoked or not for this service; check ${listed(token, ...address)}`;
      return error("source_unauthorized", answer, advice);
    }
    if (status === 403) return forbidden(answer, "it refuses to give the artifact");
    if (status === 404 || status === 410) return notFound(answer, "repository");
    return error("source_unexpected_answer", answer, `check ${listed(...address)}`);
  };

  return { of, rateLimited, forbidden, notFound };
}

/** `a`, `a and b`, or `a, b and c`. */
function listed(...names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** Milliseconds until the Unix time in seconds that a header names, by the clock of the service. */
function untilResetMs(headers: AnswerHeaders, name: string): number | undefined {
  const text = headers.get(name) ?? "";
  if (!/^\d{1,11}$/.test(text)) return undefined;
  const serviceNow = Date.parse(headers.get("date") ?? "");
  const nowMs = Number.isNaN(serviceNow) ? Date.now() : serviceNow;
  return Math.max(0, Number(text) * 1000 - nowMs);
}

/** Whether this is a page for a browser, such as a login page: no API gives one on purpose. */
export function isWebPage(answer: Answer): boolean {
  return answer.headers.get("content-type")?.startsWith("text/html") === true;
}
