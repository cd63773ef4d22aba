/** What a request costs the server, how many it answers, and how long the slow ones take. */
import { Load, type Server } from "./children.ts";
import { firstAnswer } from "./answer.ts";
import { cpuMicros } from "./proc.ts";
import { abba, compare, type Comparison, mean, type Pair } from "./stats.ts";
import { type Case, type Starters, TOKEN } from "./workspace.ts";

const CONNECTIONS = 16;

export interface ServingPlan extends Case {
  readonly requestsPerRound: number;
  /** How often both servers are started anew: where a process lies in memory is a matter of luck. */
  readonly lives: number;
  readonly blocksPerLife: number;
}

export interface Serving {
  readonly cpuMicros: Comparison;
  readonly perSecond: Comparison;
  readonly p99Ms: Comparison;
}

interface Sample {
  readonly cpuMicros: number;
  readonly perSecond: number;
  readonly p99Ms: number;
}

type Samples = Record<keyof Sample, Pair[]>;

export async function measureServing(start: Starters, plan: ServingPlan): Promise<Serving> {
  const samples: Samples = { cpuMicros: [], perSecond: [], p99Ms: [] };
  for (let life = 0; life < plan.lives; life++) {
    await using agent = await start.agent();
    await using bare = await start.bare();
    await measureLife({ agent, bare }, plan, samples);
  }
  return {
    cpuMicros: compare(samples.cpuMicros),
    perSecond: compare(samples.perSecond),
    p99Ms: compare(samples.p99Ms),
  };
}

async function measureLife(
  servers: Readonly<Record<keyof Pair, Server>>,
  { path, requestsPerRound: requests, blocksPerLife }: ServingPlan,
  samples: Samples,
): Promise<void> {
  const { agent, bare } = servers;
  for (const server of [agent, bare]) await firstAnswer(server, path, TOKEN);
  const target = { path, token: TOKEN, connections: CONNECTIONS };
  using agentLoad = await Load.open({ ...target, port: agent.port });
  using bareLoad = await Load.open({ ...target, port: bare.port });
  const loads = { agent: agentLoad, bare: bareLoad };

  const measure = async (side: keyof Pair): Promise<Sample> => {
    const before = cpuMicros(servers[side].pid);
    const { wallMs, p99Ms } = await loads[side].run({ requests });
    const spent = cpuMicros(servers[side].pid) - before;
    return { cpuMicros: spent / requests, perSecond: (requests / wallMs) * 1000, p99Ms };
  };
  // Both warm: compiled code is what runs for the rest of a sidecar's life.
  await abba(measure);
  for (let block = 0; block < blocksPerLife; block++) {
    const measured = await abba(measure);
    for (const quantity of ["cpuMicros", "perSecond", "p99Ms"] as const) {
      const of = (side: keyof Pair): number => mean(measured[side].map((one) => one[quantity]));
      samples[quantity].push({ agent: of("agent"), bare: of("bare") });
    }
  }
}
