import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { systemCode } from "../../src/errors.ts";
import { AGENT_COMMAND, AgentProcess, TOKEN } from "./agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "./artifacts.ts";
import { replaceFile } from "./replace-file.ts";
import { temporaryDirectory } from "./temporary.ts";

const ATTACK = fileURLToPath(new URL("connection-attack.ts", import.meta.url));

/** An agent that somebody without the token attacks. */
export interface Attacked {
  readonly agent: AgentProcess;
  readonly port: number;
  /** The application's connection, which has shown the token. */
  readonly kept: Agent;
  /** Puts a marker in the artifact's place. */
  readonly revoke: () => Promise<void>;
}

/** An agent with that limit of descriptors, on a file. */
export async function limitedAgent(t: TestContext, descriptors: number): Promise<Attacked> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ secrets: { KEY: "value" } }));
  // A machine may allow fewer; then it is as many as it does.
  const shell = `ulimit -n ${descriptors} 2>/dev/null; exec "$@"`;
  const agent = AgentProcess.start(
    t,
    { CLEF_AGENT_SOURCE: file, CLEF_AGENT_AGE_KEY: AGE_IDENTITY },
    [],
    ["sh", "-c", shell, "sh", ...AGENT_COMMAND, "run"],
  );
  await agent.ready();
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  const port = await agent.port();
  await timed(port, "/v1/secrets", kept);
  const revoke = async (): Promise<void> => {
    await replaceFile(file, revocation());
  };
  return { agent, port, kept, revoke };
}

/** @returns what ends the attack before the test does. */
export async function attack(
  t: TestContext,
  port: number,
  kind: string,
  sockets: number,
): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [ATTACK, String(port), kind, String(sockets)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  // Until most of its connections have come.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return async () => {
    child.kill("SIGKILL");
    await once(child, "close");
  };
}

/** As `timed`, of a new client, which asks again where its connection had to make room. */
export async function timedHealth(port: number): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    try {
      await timed(port, "/v1/health", false);
      return performance.now() - startedAt;
    } catch (error) {
      if (systemCode(error) !== "ECONNRESET") throw error;
    }
  }
}

/** Milliseconds until the whole answer is there, which must be 200. */
export async function timed(
  port: number,
  path: string,
  connections: Agent | false,
): Promise<number> {
  const startedAt = performance.now();
  assert.equal(await statusOf(port, path, connections), 200);
  return performance.now() - startedAt;
}

export function statusOf(
  port: number,
  path: string,
  connections: Agent | false,
): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers, agent: connections }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode));
    }).on("error", reject);
  });
}
