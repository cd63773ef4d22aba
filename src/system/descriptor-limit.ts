import { readFileSync } from "node:fs";
import { ASSUMED_DESCRIPTORS } from "../limits.ts";

/**
 * How many file descriptors this process may have. Node.js has raised the soft limit to the hard one by
 * the time this can be asked, as far as the system lets it.
 *
 * @returns an assumption where the system has no `/proc/self/limits` (proc(5)).
 */
export function descriptorLimit(): number {
  try {
    return parseDescriptorLimit(readFileSync("/proc/self/limits", "latin1"));
  } catch {
    return ASSUMED_DESCRIPTORS;
  }
}

/** @param limits - the text of `/proc/self/limits`. */
export function parseDescriptorLimit(limits: string): number {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === "unlimited") return Number.POSITIVE_INFINITY;
  return soft === undefined ? ASSUMED_DESCRIPTORS : Number(soft);
}
