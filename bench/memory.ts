/** Anonymous resident memory, idle and after much work. */
import { setTimeout as sleep } from "node:timers/promises";
import { firstAnswer } from "./answer.ts";
import { Load } from "./children.ts";
import { anonymousMiB } from "./proc.ts";
import { compare, type Comparison, type Pair } from "./stats.ts";
import { TOKEN, TWENTY, type Starters } from "./workspace.ts";

const SETTLE_MS = 2_000;

export interface Memory {
  readonly idle: Comparison;
  readonly worked: Comparison;
}

export async function measureMemory(
  start: Starters,
  plan: { readonly starts: number; readonly requests: number },
): Promise<Memory> {
  const { path } = TWENTY;
  const idle: Pair[] = [];
  for (let index = 0; index < plan.starts; index++) {
    await using agent = await start.agent();
    await using bare = await start.bare();
    await settled(agent, bare);
    idle.push({ agent: anonymousMiB(agent.pid), bare: anonymousMiB(bare.pid) });
  }

  await using agent = await start.agent();
  await using bare = await start.bare();
  await settled(agent, bare);
  for (const { port } of [agent, bare]) {
    using load = await Load.open({ port, path, token: TOKEN, connections: 16 });
    await load.run({ requests: plan.requests });
  }
  await sleep(SETTLE_MS);
  const worked = [{ agent: anonymousMiB(agent.pid), bare: anonymousMiB(bare.pid) }];
  return { idle: compare(idle), worked: compare(worked) };

  async function settled(...servers: readonly Parameters<typeof firstAnswer>[0][]): Promise<void> {
    for (const server of servers) await firstAnswer(server, path, TOKEN);
    await sleep(SETTLE_MS);
  }
}
