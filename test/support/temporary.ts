import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A test, or with `{ after }` a whole file: runs what it is given when it ends. */
export interface Lifetime {
  after(release: () => unknown): unknown;
}

/**
 * Ends what a file began, the last first: all of it, even where one step fails.
 *
 * @throws what the first failing step threw.
 */
export async function releaseAll(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** A directory of this test's own, gone when it ends. */
export async function temporaryDirectory(context: Lifetime): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "clef-agent-test-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Waits until `check`, every `everyMs`, gives something other than undefined or false; fails after `withinMs`. */
export async function eventually<Value>(
  what: string,
  check: () => Value | undefined | false | Promise<Value | undefined | false>,
  withinMs = 20_000,
  everyMs = 10,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
