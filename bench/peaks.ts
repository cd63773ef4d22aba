/** The most anonymous memory that a server ever has, while it starts and while it is busy. */
import { firstAnswer } from "./answer.ts";
import { Load, type Server } from "./children.ts";
import { anonymousMiB } from "./proc.ts";
import { compare, type Comparison } from "./stats.ts";
import { type Case, TOKEN, type Starters, TWENTY, type Workspace } from "./workspace.ts";

/** So short that what is there for one request is seen. */
const LOOK_MS = 5;

interface Busy extends Case {
  readonly connections: number;
  readonly requests: number;
}

/** As many connections as the agent has for clients that have shown the token. */
const MOST_CONNECTIONS = 768;

/** As many plaintexts as there may be at once. */
const MOST_PLAINTEXTS = 32;

/** An artifact of 15.1 MiB, beside the limit of 16. */
const LARGEST: Case = { keys: 100, valueLength: 119_000, path: TWENTY.path };

/** What asks most of a server's memory, each with the MiB that it is to stay under. */
const PEAKS: readonly (readonly [what: string, busy: Busy, mostMiB: number])[] = [
  ["10,000 keys", { ...TWENTY, keys: 10_000, connections: 16, requests: 5_000 }, 48],
  ["a 16 MiB artifact", { ...LARGEST, connections: 4, requests: 100 }, 128],
  [
    `${MOST_CONNECTIONS} connections`,
    { ...TWENTY, connections: MOST_CONNECTIONS, requests: 50_000 },
    64,
  ],
  [
    `just-in-time, ${MOST_PLAINTEXTS} at once`,
    { ...TWENTY, justInTime: true, connections: MOST_PLAINTEXTS, requests: 20_000 },
    64,
  ],
  [
    `just-in-time, a 16 MiB artifact, ${MOST_PLAINTEXTS} at once`,
    { ...LARGEST, justInTime: true, connections: MOST_PLAINTEXTS, requests: 64 },
    192,
  ],
];

export interface Peak {
  readonly what: string;
  readonly mostMiB: number;
  readonly mib: Comparison;
}

export async function measurePeaks(
  workspace: Workspace,
  progress: (text: string) => void,
): Promise<readonly Peak[]> {
  const peaks: Peak[] = [];
  for (const [what, busy, mostMiB] of PEAKS) {
    progress(`peak: ${what}`);
    const start = await workspace.starters(busy);
    const agent = await peakOf(start.agent, busy);
    peaks.push({ what, mostMiB, mib: compare([{ agent, bare: await peakOf(start.bare, busy) }]) });
  }
  return peaks;
}

async function peakOf(start: Starters["agent"], busy: Busy): Promise<number> {
  await using server: Server = await start();
  let peak = 0;
  const looking = setInterval(() => (peak = Math.max(peak, anonymousMiB(server.pid))), LOOK_MS);
  try {
    const { path, connections, requests } = busy;
    await firstAnswer(server, path, TOKEN);
    using load = await Load.open({ port: server.port, path, token: TOKEN, connections });
    await load.run({ requests });
    return peak;
  } finally {
    clearInterval(looking);
  }
}
