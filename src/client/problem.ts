import { ClientError, type ClientErrorCode } from "./error.ts";
import type { Answer } from "./exchange.ts";
import { SET_TOKEN } from "./settings.ts";

/** By status, and for 503 by a pattern of what it says (contract, section 3). */
const MEANINGS: Readonly<Record<string, ClientErrorCode>> = {
  401: "unauthorized",
  404: "not_found",
  409: "ambiguous",
  429: "busy",
  503: "unreachable",
  not: "not_loaded",
  expired: "expired",
  // The whole text: it ends a program, so that no other words may be taken for it.
  "^(Artifact )?revoked$": "revoked",
  Refresh: "refresh_failed",
  Decrypt: "decryption_failed",
  many: "busy",
};

/** What an answer means that gives nothing; it may repeat the token that it was sent. */
export function problemOf(
  { head, body }: Answer,
  where: string,
  token: string | undefined,
): ClientError {
  const { statusCode: status = 0, headers } = head;
  const answer = jsonIn(body);
  const { reason, error = reason } = isObject(answer) ? answer : {};
  const said = typeof error === "string" ? error : "";
  // No digits: a 503 that tells of a 401 elsewhere is none.
  const word =
    status === 503 ? Object.keys(MEANINGS).find((key) => key > "9" && said.match(key)) : status;
  const shown = token ? said.replaceAll(token, "[hidden]") : said;
  const advice = status === 401 ? `; ${SET_TOKEN}` : "";
  return new ClientError(
    MEANINGS[word ?? status] ?? "unexpected_answer",
    `the agent at ${where} answered ${status} ${JSON.stringify(shown.slice(0, 400))}${advice}`,
    undefined,
    Number(headers["retry-after"]) * 1000 || 0,
  );
}

/** @returns undefined for what is no JSON. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return Object(value) === value;
}
