import { readFile } from "node:fs/promises";
import { again } from "./again.ts";
import { ClientError, type ClientErrorCode } from "./error.ts";
import { type Answer, exchange, type Question } from "./exchange.ts";
import { problemOf } from "./problem.ts";
import type { Settings } from "./settings.ts";

/** The agent fetches and decrypts within this, where it has to. */
const TIMEOUT_MS = 30_000;

/** Calls that only read are tried again for so long; an agent has started again in it. */
const AGAIN_MS = 1_500;

/** What a moment may mend. */
const PASSING: ReadonlySet<ClientErrorCode> = new Set(["unreachable", "busy", "not_loaded"]);

type Headers = Question["headers"];

/** Requests to one agent, with its token. */
export interface Requests {
  /** Whether the token may be another one soon: the agent may read it of its file a moment after us. */
  readonly tokenChanges: boolean;
  /** Reads, and tries again what was only in the way. @throws ClientError */
  get(path: string, signal: AbortSignal | undefined): Promise<Buffer>;
  /**
   * One request; where its token is refused, another with the token read again.
   *
   * @returns an answer with the status 200 or 304.
   * @throws ClientError for any other one.
   */
  once(
    method: Question["method"],
    path: string,
    signal: AbortSignal | undefined,
    headers?: Headers,
    timeoutMs?: number,
  ): Promise<Answer>;
}

export function requestsTo(settings: Settings): Requests {
  const { tokenFile, where } = settings;
  const tokenChanges = tokenFile !== undefined;
  let { token } = settings;

  const readToken = async (): Promise<string | undefined> => {
    try {
      if (tokenChanges) token = (await readFile(tokenFile, "utf8")).trim();
      return token;
    } catch (cause) {
      throw new ClientError("unauthorized", "CLEF_AGENT_TOKEN_FILE cannot be read", { cause });
    }
  };

  const once: Requests["once"] = async (method, path, signal, headers, timeoutMs = TIMEOUT_MS) => {
    let sent: string | undefined;
    const send = (shown: string | undefined): Promise<Answer> => {
      // What no header takes is the token of no agent.
      sent = shown?.replaceAll(/[^!-~]/g, "?");
      return exchange(
        settings,
        { method, path, headers: { ...headers, ...(sent && { authorization: `Bearer ${sent}` }) } },
        timeoutMs,
        signal,
      );
    };
    const shown = token ?? (await readToken());
    let answer = await send(shown);
    if (answer.head.statusCode === 401) {
      const newer = await readToken();
      if (newer !== shown) answer = await send(newer);
    }
    const { statusCode } = answer.head;
    if (statusCode === 200 || statusCode === 304) return answer;
    throw problemOf(answer, where, sent);
  };

  return {
    tokenChanges,
    once,
    async get(path, signal) {
      const ask = (): Promise<Answer> => once("GET", path, signal);
      const passes = ({ code }: ClientError): boolean =>
        PASSING.has(code) || (code === "unauthorized" && tokenChanges);
      return (await again(ask, AGAIN_MS, passes, signal)).body;
    },
  };
}
