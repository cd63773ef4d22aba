import { parentPort, workerData } from "node:worker_threads";
import type { FuzzTarget } from "../../test/fuzz/target.ts";
import { counters } from "./counters.ts";
import { Coverage } from "./coverage.ts";
import { mutate, randomBy } from "./mutate.ts";
import { type Board, boardOn, type LoopData, type LoopMessage } from "./messages.ts";

/** An input that takes longer than this is a finding, in milliseconds, if it does so every time: a machine can be busy. */
const SLOW_MS = 2_000;
const SLOW_TIMES = 3;
const SLOW = `it takes more than ${SLOW_MS} ms`;
/** Between two looks at the clock, where runs need no time. */
const RUNS_AT_ONCE = 64;

/** Runs a target on input after input, those that do something new first. Ends when the time is over. */
export async function fuzz(target: FuzzTarget): Promise<void> {
  const { seconds, seed, corpus, shared } = workerData as LoopData;
  const say = (message: LoopMessage): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    parentPort?.postMessage(message);
  };
  const coverage = new Coverage(counters);
  const runner = new Runner(target, boardOn(shared));
  const random = randomBy(seed);
  const { maxBytes } = target;
  const mutator = {
    random,
    maxBytes,
    words: target.words.map((word) => Buffer.from(word, "latin1")),
  };
  const kept: Buffer[] = [];
  for (const input of [
    ...target.seeds.map((each) => Buffer.from(each)),
    ...corpus.map((each) => Buffer.from(each)),
  ]) {
    const fault = await runner.confirmed(input, await runner.run(input));
    if (fault !== undefined) say({ kind: "fault", input, fault });
    if (coverage.take() || kept.length === 0) kept.push(input);
  }
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs) {
    for (let run = 0; run < RUNS_AT_ONCE; run++) {
      // Half of the time one of the last ones, behind which there may be more that is new.
      const from = random(2) === 0 ? Math.max(0, kept.length - 16) : 0;
      const base = kept[from + random(kept.length - from)] ?? Buffer.alloc(0);
      const input = mutate(base, kept[random(kept.length)] ?? base, mutator);
      const running = runner.run(input);
      const first = running instanceof Promise ? await running : running;
      const fault = first === undefined ? undefined : await runner.confirmed(input, first);
      if (fault !== undefined) {
        say({ kind: "fault", input, fault });
        coverage.clear();
      } else if (coverage.take()) {
        kept.push(input);
      }
      if (runner.isSlow && performance.now() >= endMs) break;
    }
  }
  say({
    kind: "end",
    branches: coverage.branches,
    corpus: await smallest(kept, runner, coverage),
    runs: runner.runs,
  });
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

class Runner {
  readonly #target: FuzzTarget;
  readonly #board: Board;
  runs = 0;
  isSlow = false;

  constructor(target: FuzzTarget, board: Board) {
    this.#target = target;
    this.#board = board;
  }

  /** @returns what is wrong; a promise where the target needs time. */
  run(input: Buffer): string | undefined | Promise<string | undefined> {
    this.#board.put(input, ++this.runs);
    const startedMs = performance.now();
    try {
      const running = this.#target.run(input);
      if (running === undefined) return this.#after(startedMs);
      this.isSlow = true;
      return running.then(
        () => this.#after(startedMs),
        (error: unknown) => said(error),
      );
    } catch (error) {
      return said(error);
    }
  }

  /** What is wrong with an input of which a run said so. */
  async confirmed(input: Buffer, fault: string | undefined): Promise<string | undefined> {
    let last = fault;
    for (let times = 1; last === SLOW && times < SLOW_TIMES; times++) last = await this.run(input);
    return last;
  }

  #after(startedMs: number): string | undefined {
    return performance.now() - startedMs > SLOW_MS ? SLOW : undefined;
  }
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
