/** From the spawn of a command line to the first line of what it runs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { compare, type Comparison, type Pair } from "./stats.ts";
import type { CommandLines } from "./workspace.ts";

/** What is run: a program that starts in no time, so that what is before it can be seen. */
const COMMAND = ["echo", "ready"] as const;

export async function measureFirstLine(
  lines: CommandLines,
  env: Readonly<Record<string, string>>,
  spawns: number,
): Promise<Comparison> {
  const measure = async (before: readonly string[]): Promise<number> => {
    const [program, ...args] = [...before, ...COMMAND] as const;
    const from = performance.now();
    const child = spawn(program, args, {
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    await once(child.stdout, "data");
    const tookMs = performance.now() - from;
    await once(child, "exit");
    return tookMs;
  };
  const pairs: Pair[] = [];
  for (let index = 0; index < spawns; index++) {
    // Each side goes first as often as the other.
    if (index % 2 === 0) {
      const agent = await measure(lines.agent);
      pairs.push({ agent, bare: await measure(lines.bare) });
    } else {
      const bare = await measure(lines.bare);
      pairs.push({ agent: await measure(lines.agent), bare });
    }
  }
  return compare(pairs);
}
