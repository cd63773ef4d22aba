import path from "node:path";
import { existsSync } from "node:fs";
import type { World } from "../suite/world.ts";
import type { Agent, Environment } from "./agent.ts";
import { pack } from "./artifact.ts";
import { eventually } from "./expect.ts";
import { type Answer, exchange, readAnswer } from "./http.ts";
import { AGE } from "./keys.ts";

export interface Listening {
  readonly agent: Agent;
  readonly socket: string;
}

/** An agent on a socket that is not there yet, below a new folder. */
export async function onSocket(
  world: World,
  secrets: object,
  env: Environment = {},
): Promise<Listening> {
  const socket = path.join(await world.directory(), "run", "agent.sock");
  const origin = await world.origin(pack(secrets));
  const agent = await world.agent({
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE.identity,
    CLEF_AGENT_PORT: "none",
    CLEF_AGENT_SOCKET: socket,
    ...env,
  });
  return { agent, socket };
}

/** A request as it is written, on a socket. */
export async function ask(
  socket: string,
  target: string,
  ...headers: readonly string[]
): Promise<Answer> {
  const lines = [`GET ${target} HTTP/1.1`, "Connection: close", ...headers];
  return readAnswer(await exchange(socket, `${lines.join("\r\n")}\r\n\r\n`));
}

export async function readyOn({ agent, socket }: Listening): Promise<void> {
  await eventually("/v1/ready says 200 on the socket", async () => {
    if (agent.exit !== undefined) throw new Error(`it ended: ${JSON.stringify(agent.exit)}`);
    if (!existsSync(socket)) return false;
    const answer = await ask(socket, "/v1/ready", "Host: x").catch(() => undefined);
    return answer?.status === 200;
  });
}
