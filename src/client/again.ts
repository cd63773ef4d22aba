import { setTimeout as after } from "node:timers/promises";
import { ClientError } from "./error.ts";

/** Asks until there is an answer, or the time is over, or an error does not pass. */
export async function again<Answer>(
  ask: () => Promise<Answer>,
  ms: number,
  passes: (error: ClientError) => boolean,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const deadline = performance.now() + ms;
  for (let attempt = 0; ; attempt++) {
    const left = deadline - performance.now();
    try {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      return await ask();
    } catch (error) {
      if (left <= 0 || !(error instanceof ClientError) || !passes(error)) throw error;
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      await pause(Math.min(left, backOff(attempt, error)), signal);
    }
  }
}

/** Ends early where the signal says so, which the next request then tells. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await after(ms, undefined, { signal }).catch(() => undefined);
}

/** Milliseconds before the next attempt: twice as long each time, with jitter, or what the agent asked for. */
function backOff(attempt: number, { retryAfterMs }: ClientError): number {
  const own = Math.min(100 * 2 ** attempt, 1_000) * (0.5 + Math.random() / 2);
  return Math.max(own, Math.min(retryAfterMs, 5_000));
}
