import { SLICE_MS } from "../limits.ts";
import { monotonicMs } from "./monotonic.ts";

/** Long work in pieces: it yields wherever it may be interrupted, and returns its result. */
export type Sliced<Result> = Generator<void, Result>;

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Resolves after timers, sockets and signals had their turn. Whoever else waits gets one turn of the event
 * loop each, so that many at once do not hold it together.
 */
export function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastTurn;
}

/**
 * Does the work a slice at a time, so that the event loop is not held: a timer wipes what has expired
 * while a stranger's artifact of 16 MiB is looked at.
 *
 * @param nowMs - monotonic milliseconds.
 */
export async function inSlices<Result>(
  work: Sliced<Result>,
  nowMs: () => number = monotonicMs,
): Promise<Result> {
  let began = nowMs();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (nowMs() - began < SLICE_MS) continue;
    // oxlint-disable-next-line no-await-in-loop -- each slice goes on where the last one ended
    await nextTurn();
    began = nowMs();
  }
}

/** Does the work in one go, where nothing else is to be done meanwhile. */
export function inOneGo<Result>(work: Sliced<Result>): Result {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
  }
}
