import { exchange } from "../../net/exchange.ts";
import type { Answered } from "../../net/outcome.ts";
import type { Network } from "../../net/network.ts";
import { countdown } from "../../system/countdown.ts";
import { VERSION } from "../../version.ts";
import { transportError } from "../transport-error.ts";

export type Answer = Answered;

export interface Question {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the body of a 2xx answer; as many as an artifact may have without it. */
  readonly maxBytes?: number;
}

/** One fetch: all its requests together have one deadline, and send the same headers. */
export interface Visit {
  /** @throws AgentError with a `source_…` code where there is no whole answer. */
  ask(url: URL, question?: Question): Promise<Answer>;
}

export interface VisitOptions {
  readonly network: Network;
  readonly headers: Readonly<Record<string, string>>;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export function beginVisit({ network, headers, deadlineMs, signal }: VisitOptions): Visit {
  const leftMs = countdown(deadlineMs);
  return {
    async ask(url, { method = "GET", headers: more = {}, maxBytes } = {}) {
      const answer = await exchange({
        network,
        method,
        url,
        headers: {
          // A compressed body would hide its size from the cap.
          "accept-encoding": "identity",
          "user-agent": `clef-agent/${VERSION}`,
          ...headers,
          ...more,
        },
        signal,
        deadlineMs: leftMs(),
        redirects: "follow",
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
      if (answer.kind === "failed") throw transportError(answer, "CLEF_AGENT_VCS_API_URL");
      return answer;
    },
  };
}

/** What a JSON answer says at `path`, if it is a text that is not empty. */
export function textAt(answer: Answer, ...path: readonly string[]): string | undefined {
  const value = valueAt(answer, path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The same for `true` and `false`. */
export function booleanAt(answer: Answer, ...path: readonly string[]): boolean | undefined {
  const value = valueAt(answer, path);
  return typeof value === "boolean" ? value : undefined;
}

function valueAt(answer: Answer, path: readonly string[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(answer.bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  for (const name of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = new Map<string, unknown>(Object.entries(value)).get(name);
  }
  return value;
}
