import { AgentError, type SourceCode } from "../../errors.ts";
import { answered, type Answered } from "../../net/outcome.ts";
import { retryAfterMs } from "../../net/retry-after.ts";

/** What a service said, in its own words and in ours. */
export interface Meaning {
  readonly code: SourceCode;
  readonly advice: string;
}

/** What a status means where nothing more is known of it. */
export function byStatus(status: number, variables: string): Meaning {
  const address = `check the address in ${variables}`;
  switch (status) {
    case 304:
      return { code: "source_unexpected_answer", advice: "though nothing is held" };
    case 401:
      return { code: "source_unauthorized", advice: "it does not accept these credentials" };
    case 403:
      return { code: "source_forbidden", advice: "check the permissions" };
    case 404:
    case 410:
      return { code: "source_not_found", advice: address };
    case 429:
      return { code: "source_rate_limited", advice: "waiting before the next attempt" };
    default:
      return status >= 500
        ? { code: "source_server_error", advice: "waiting for it to recover" }
        : { code: "source_unexpected_answer", advice: address };
  }
}

/** @param word - the service's own code for it; what is more than a word is left out. */
export function refusalError(
  answer: Answered,
  word: string | undefined,
  meaning: Meaning,
): AgentError {
  const said = word !== undefined && /^\w{1,64}$/.test(word) ? ` ${word}` : "";
  return new AgentError(meaning.code, `${answered(answer)}${said}; ${meaning.advice}`, {
    retryAfterMs: retryAfterMs(answer.headers, Date.now()),
  });
}
