import type { Clock } from "./clock.ts";

/** Waits for `work`, but no longer than `ms` milliseconds. */
export async function waitFor(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const late = Promise.withResolvers<undefined>();
  const timer = clock.after(ms, () => late.resolve(undefined));
  await Promise.race([work, late.promise]);
  timer.cancel();
}
