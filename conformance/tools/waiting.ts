import type { Agent } from "./agent.ts";
import type { Answer } from "./http.ts";

export async function tagOf(agent: Agent, path: string): Promise<string> {
  return (await agent.get(path)).headers.get("etag") ?? "";
}

/** A request that waits for a change of what has this tag. */
export function wait(
  agent: Agent,
  path: string,
  etag: string,
  prefer: number | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const text = typeof prefer === "number" ? `wait=${prefer}` : prefer;
  return agent.get(path, { headers: { "if-none-match": etag, prefer: text, ...headers } });
}
