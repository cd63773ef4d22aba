import type { FuzzTarget } from "../../test/fuzz/target.ts";
import { boardIn, lookAt } from "./board.ts";
import { counters } from "./counters.ts";
import { Coverage } from "./coverage.ts";
import { mutate, randomBy } from "./mutate.ts";
import type { Mutator } from "./mutator.ts";
import { readOrders } from "./orders.ts";
import { report, UNCAUGHT_CODE } from "./reports.ts";
import { Runner, said } from "./runner.ts";

/** Between two looks at the clock, where runs need no time. */
const RUNS_AT_ONCE = 64;

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

/**
 * All that the process of a target does: runs it on input after input, those that do something new first, until
 * the time is over, and then ends the process.
 */
export async function fuzz(target: FuzzTarget): Promise<void> {
  const { seconds, runs, seed, corpus, board } = readOrders();
  const fail = (input: Buffer, fault: string): void =>
    report({ kind: "fault", input: input.toString("latin1"), fault });
  // Nobody waits for what threw it, so nobody knows what state it left.
  process.on("uncaughtException", (error) => {
    fail(lookAt(board).input, `it is not caught: ${said(error)}`);
    process.exit(UNCAUGHT_CODE);
  });
  const coverage = new Coverage(counters);
  const runner = new Runner(target, boardIn(board));
  const random = randomBy(seed);
  const mutator: Mutator = {
    random,
    maxBytes: target.maxBytes,
    words: target.words.map(bytesOf),
  };
  const kept: Buffer[] = [];
  for (const input of [...target.seeds.map((each) => Buffer.from(each)), ...corpus.map(bytesOf)]) {
    const fault = await runner.confirmed(input, await runner.run(input));
    if (fault !== undefined) fail(input, fault);
    if ((coverage.take() && !runner.wasDull) || kept.length === 0) kept.push(input);
  }
  const endMs = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() >= endMs || runner.runs >= runs;
  while (!isOver()) {
    for (let run = 0; run < RUNS_AT_ONCE; run++) {
      // Half of the time one of the last ones, behind which there may be more that is new.
      const from = random(2) === 0 ? Math.max(0, kept.length - 16) : 0;
      const base = kept[from + random(kept.length - from)] ?? Buffer.alloc(0);
      const input = mutate(base, kept[random(kept.length)] ?? base, mutator);
      const running = runner.run(input);
      const first = running instanceof Promise ? await running : running;
      const fault = first === undefined ? undefined : await runner.confirmed(input, first);
      if (fault !== undefined) {
        fail(input, fault);
        coverage.clear();
      } else if (coverage.take() && !runner.wasDull) {
        kept.push(input);
      }
      if (runner.isSlow && isOver()) break;
    }
  }
  const { user, system } = process.cpuUsage();
  report({
    kind: "end",
    runs: runner.runs,
    cpuSeconds: (user + system) / 1_000_000,
    taken: coverage.everTaken(),
    corpus: (await smallest(kept, runner, coverage)).map((each) => each.toString("latin1")),
  });
  await target.close?.();
  // At once: a target may have left connections open.
  process.exit(0);
}

/** Few inputs that together take every branch that was taken: small ones first. */
async function smallest(
  kept: readonly Buffer[],
  runner: Runner,
  coverage: Coverage,
): Promise<readonly Buffer[]> {
  const seen = new Set<number>();
  const few: Buffer[] = [];
  for (const input of kept.toSorted((a, b) => a.length - b.length)) {
    coverage.clear();
    await runner.run(input);
    const taken = coverage.taken().filter((place) => !seen.has(place));
    if (taken.length > 0) few.push(input);
    for (const place of taken) seen.add(place);
  }
  return few;
}
