/** From the spawn of the process to the first answer with secrets in it. */
import { firstAnswer } from "./answer.ts";
import { compare, type Comparison, type Pair } from "./stats.ts";
import { type Starters, TOKEN, TWENTY } from "./workspace.ts";

export async function measureStartup(start: Starters, spawns: number): Promise<Comparison> {
  const measure = async (side: keyof Pair): Promise<number> => {
    await using server = await start[side]();
    await firstAnswer(server, TWENTY.path, TOKEN);
    return performance.now() - server.spawnedAtMs;
  };
  const pairs: Pair[] = [];
  for (let index = 0; index < spawns; index++) {
    // Each side goes first as often as the other.
    if (index % 2 === 0) {
      const agent = await measure("agent");
      pairs.push({ agent, bare: await measure("bare") });
    } else {
      const bare = await measure("bare");
      pairs.push({ agent: await measure("agent"), bare });
    }
  }
  return compare(pairs);
}
