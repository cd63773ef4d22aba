import { join } from "node:path";
import type { TestContext } from "node:test";
import { AgentProcess } from "./agent-process.ts";
import { AGE_IDENTITY, pack } from "./artifacts.ts";
import type { CommandResult } from "./cli.ts";
import { listening } from "./listening.ts";
import { temporaryDirectory } from "./temporary.ts";

export interface RefreshTrial {
  readonly agent: AgentProcess;
  readonly directory: string;
  readonly socket: string;
  /** The source holds this from now on; nothing stands for an error of its server. */
  readonly put: (text: string) => void;
}

/** An agent that asks an origin of the test, so that no watch is faster than the command. */
export async function refreshTrial(t: TestContext, ttl = "300"): Promise<RefreshTrial> {
  const directory = await temporaryDirectory(t);
  const held = { text: await pack({ secrets: { KEY: "old" } }) };
  const origin = await listening(t, (_request, response) => {
    response.statusCode = held.text === "" ? 500 : 200;
    response.end(held.text);
  });
  const socket = join(directory, "run", "agent.sock");
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: `http://127.0.0.1:${origin}/artifact.json`,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_CACHE_TTL: ttl,
    CLEF_AGENT_SOCKET: socket,
  });
  await agent.ready();
  const put = (text: string): void => void (held.text = text);
  return { agent, directory, socket, put };
}

export /** What `refresh` printed. */
const outcomeOf = ({ stdout }: CommandResult): unknown =>
  (JSON.parse(stdout) as { outcome: unknown }).outcome;
