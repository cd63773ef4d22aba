import { setTimeout as delay } from "node:timers/promises";
import { inspect, isDeepStrictEqual } from "node:util";

/** Ends a case: this is wrong. */
export function fail(message: string): never {
  throw new Error(message);
}

export function ensure(holds: boolean, message: string): void {
  if (!holds) fail(message);
}

export function equal(found: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(found, expected)) return;
  fail(`${what} is ${shown(found)}, not ${shown(expected)}`);
}

function shown(value: unknown): string {
  return inspect(value, { depth: 5, breakLength: Number.POSITIVE_INFINITY }).slice(0, 600);
}

/** Asks until there is an answer other than undefined and false. @throws Error after that many seconds. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 20,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) fail(`not within ${seconds} s: ${what}`);
    await delay(25);
  }
}

export function sleep(seconds: number): Promise<void> {
  return delay(seconds * 1000);
}
