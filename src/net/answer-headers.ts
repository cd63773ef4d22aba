import type { IncomingMessage } from "node:http";

/** The headers of an answer. The `Headers` of the platform fit too, and cost its whole HTTP client to load. */
export interface AnswerHeaders {
  /** The values of a header, joined by commas, whatever the case of its name; null without it. */
  get(name: string): string | null;
  has(name: string): boolean;
  /** Names in lower case. */
  entries(): Iterable<[string, string]>;
}

export function answerHeaders({ headersDistinct }: IncomingMessage): AnswerHeaders {
  const values = (name: string): readonly string[] | undefined =>
    Object.hasOwn(headersDistinct, name.toLowerCase())
      ? headersDistinct[name.toLowerCase()]
      : undefined;
  return {
    get: (name) => values(name)?.join(", ") ?? null,
    has: (name) => values(name) !== undefined,
    entries: () =>
      Object.keys(headersDistinct).map((name) => [name, values(name)?.join(", ") ?? ""]),
  };
}
