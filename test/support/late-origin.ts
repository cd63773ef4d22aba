import { setTimeout as pause } from "node:timers/promises";
import type { TestContext } from "node:test";
import { AgentProcess } from "./agent-process.ts";
import { AGE_IDENTITY, pack } from "./artifacts.ts";
import { Origin } from "./origin.ts";

/** One agent and the origin that it needs, which nobody listens at for a while. */
export interface LateStart {
  readonly startUpSeconds: number;
  /** When the origin comes, counted from the start of the agent. */
  readonly comesAfterMs: number;
}

/** @returns milliseconds from the coming of the origin until the agent is ready. */
export async function readyAfter(
  t: Pick<TestContext, "after">,
  { startUpSeconds, comesAfterMs }: LateStart,
): Promise<number> {
  const origin = await Origin.start(t);
  origin.artifact = await pack();
  await origin.down();
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_STARTUP_TIMEOUT: String(startUpSeconds),
  });
  await agent.port();
  await pause(comesAfterMs);
  await origin.up();
  const came = performance.now();
  await agent.ready();
  return performance.now() - came;
}
