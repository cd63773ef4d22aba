import type { FoundCase } from "./case.ts";
import type { Options } from "./options.ts";
import { World } from "./world.ts";

export type Result =
  | { readonly kind: "passed"; readonly ms: number }
  | { readonly kind: "skipped"; readonly why: string }
  | {
      readonly kind: "failed";
      readonly ms: number;
      readonly message: string;
      readonly log: string;
    };

/**
 * Runs all of them, a bounded number at once, those that wait longest first.
 *
 * @param tell - hears of each result as it comes.
 */
export async function runCases(
  cases: readonly FoundCase[],
  options: Options,
  tell: (found: FoundCase, result: Result) => void,
): Promise<void> {
  const queue = cases.toSorted((a, b) => (b.waitsSeconds ?? 0) - (a.waitsSeconds ?? 0));
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      tell(next, await runCase(next, options));
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
}

async function runCase(found: FoundCase, options: Options): Promise<Result> {
  const missing = found.needs?.filter((need) => options.without.has(need)) ?? [];
  if (missing.length > 0) return { kind: "skipped", why: `without ${missing.join(" and ")}` };
  const world = new World(options.command);
  const started = performance.now();
  const problem = await problemOf(() => within(found, options, world));
  const unclean = await problemOf(() => world.end());
  const ms = Math.round(performance.now() - started);
  const message = problem ?? unclean;
  if (message === undefined) return { kind: "passed", ms };
  return { kind: "failed", ms, message, log: logsOf(world) };
}

async function within(found: FoundCase, { timeLimit }: Options, world: World): Promise<void> {
  const seconds = timeLimit + (found.waitsSeconds ?? 0);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not over within ${seconds} s`)), seconds * 1000);
  try {
    await Promise.race([found.run(world), promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function problemOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The end of what the agents of a case wrote. */
function logsOf({ agents }: World): string {
  return agents.map(({ stderr }) => stderr.slice(-3_000)).join("---\n");
}
