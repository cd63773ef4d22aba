import type { TestContext } from "node:test";
import { Refresher } from "../../src/refresh/refresher.ts";
import { type CustodyTrial, type CustodyOptions, inCustody, TTL_MS } from "./custody.ts";

export interface Refreshing extends CustodyTrial {
  readonly refresher: Refresher;
  /** What broke the loop, if anything did. */
  readonly broken: readonly unknown[];
}

/** The loop around custody, on a clock that the test moves; chance is always one half. */
export function refreshing(
  context: Pick<TestContext, "after">,
  options: CustodyOptions & { readonly random?: () => number; readonly startUpMs?: number } = {},
): Refreshing {
  const parts = inCustody(options);
  const broken: unknown[] = [];
  const refresher = new Refresher({
    source: parts.source,
    custody: parts.custody,
    clock: parts.clock,
    random: options.random ?? ((): number => 0.5),
    ttlMs: options.ttlMs ?? TTL_MS,
    startUpMs: options.startUpMs ?? 0,
    onBroken: (error) => broken.push(error),
  });
  context.after(() => refresher.stop());
  return { ...parts, refresher, broken };
}
