import { COLLECT_EARLY_AFTER_MS } from "../limits.ts";
import type { Clock, Timer } from "./clock.ts";

/**
 * Has V8 collect garbage once the heap has grown by a few MiB, instead of a multiple of what is in use: a sidecar
 * counts against its pod's memory, and its garbage is small (docs/performance.md, "Memory under load"). Only in a
 * process of our own, as it holds for all that runs in it, and not before the start is over: `node:v8` takes
 * some milliseconds to load.
 */
export function collectEarly(clock: Clock): Timer {
  return clock.after(COLLECT_EARLY_AFTER_MS, () => {
    process.getBuiltinModule("node:v8").setFlagsFromString("--optimize-for-size");
  });
}
