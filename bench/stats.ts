/** Statistics that survive a machine that does other things as well. */

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `share` of all values lie, taken as the nearest one there is. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error("no values were measured");
  return value;
}

export interface Pair {
  readonly agent: number;
  readonly bare: number;
}

/** One line of the results: medians of both sides, and the median of the ratios block by block. */
export interface Comparison extends Pair {
  readonly ratio: number;
  /** Half of what the middle half of the ratios spans: how far to trust the ratio on this machine, now. */
  readonly spread: number;
}

/**
 * Each block was measured within moments on both sides, so what else the machine did weighs on both
 * sides of one ratio, and the median drops the blocks in which it did not.
 */
export function compare(blocks: readonly Pair[]): Comparison {
  const ratios = blocks.map(({ agent, bare }) => agent / bare);
  return {
    agent: median(blocks.map(({ agent }) => agent)),
    bare: median(blocks.map(({ bare }) => bare)),
    ratio: median(ratios),
    spread: (quantile(ratios, 0.75) - quantile(ratios, 0.25)) / 2,
  };
}

/** Measures both sides in the order agent, bare, bare, agent, which cancels a steady drift. */
export async function abba<Measured>(
  measure: (side: keyof Pair) => Promise<Measured>,
): Promise<{ readonly agent: readonly Measured[]; readonly bare: readonly Measured[] }> {
  const first = await measure("agent");
  const bare = [await measure("bare"), await measure("bare")];
  return { agent: [first, await measure("agent")], bare };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What may be lost without a word; less is not seen from one start to the next. */
export const ALLOWED = 0.05;

export type Change = "no worse" | "worse" | "too noisy to say";

/**
 * Whether something has become worse, from the ratio to before in each life of both processes. One life says little:
 * where a process lies in memory is a matter of luck, and so is what else the machine does. So every single one must
 * say so.
 */
export function changeOf(ratios: readonly number[]): Change {
  if (median(ratios) <= 1 + ALLOWED) return "no worse";
  return Math.min(...ratios) > 1 + ALLOWED ? "worse" : "too noisy to say";
}
