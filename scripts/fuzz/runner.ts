import type { FuzzTarget } from "../../test/fuzz/target.ts";
import type { Board } from "./board.ts";

/** More processor time than any input needs, in milliseconds. */
const SLOW_MS = 5_000;
/** Longer than any input waits, in milliseconds; a machine that is busy may take its time. */
const WAITS_MS = 30_000;
/** What took longer leads to more of its kind, for which there are better uses of the time. */
const DULL_MS = 100;
/** What took long is tried again, as it need not be the input's doing. */
const SLOW_TIMES = 3;
const SLOW = `it takes more than ${SLOW_MS} ms`;

/** Runs a target on one input after the other, and says what is wrong. */
export class Runner {
  readonly #target: FuzzTarget;
  readonly #board: Board;
  runs = 0;
  /** Whether the target needs more than the processor. */
  isSlow = false;
  /** Whether the last input took so long that none should be made from it. */
  wasDull = false;

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
    for (let times = 1; last === SLOW && times < SLOW_TIMES; times++) {
      const startedMs = performance.now();
      const before = process.threadCpuUsage();
      last = await this.run(input);
      const used = process.threadCpuUsage(before);
      const isBusy = (used.user + used.system) / 1_000 > SLOW_MS;
      const waits = performance.now() - startedMs > WAITS_MS;
      if (last === SLOW && !isBusy && !waits) return undefined;
    }
    return last;
  }

  #after(startedMs: number): string | undefined {
    const tookMs = performance.now() - startedMs;
    this.wasDull = tookMs > DULL_MS;
    return tookMs > SLOW_MS ? SLOW : undefined;
  }
}

/** What an error says, with where it was thrown. */
export function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
