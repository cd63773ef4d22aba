import type { RunningAgent } from "../agent.ts";
import { LAMBDA_HOLD_MS, LAMBDA_LATE_MARGIN_MS } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import { waitFor } from "../system/wait-for.ts";
import type { ExtensionsApi } from "./extensions-api.ts";

/**
 * The life of an extension in its regular course.
 *
 * Lambda starts the function's own initialisation once every extension has registered, beside what
 * these still do before their first `next`. The agent registers only when there are secrets to serve,
 * so that code outside the handler can read them too.
 *
 * Between two calls of `next` the environment is thawed. That is when the source is looked at, beside
 * the handler; later, a freeze could cut it off. It is not waited for so long that it makes the
 * function late.
 *
 * @returns why Lambda shuts the environment down.
 * @throws AgentError `lambda_api_failed`.
 */
export async function followEvents(
  agent: RunningAgent,
  api: ExtensionsApi,
  clock: Clock,
): Promise<{ readonly shutdownReason: string }> {
  await agent.loaded;
  await waitFor(agent.invoked(), LAMBDA_HOLD_MS, clock);
  await api.register();
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one event after the other
    const event = await api.next();
    if (event.kind === "shutdown") return event;
    const untilLateMs = event.deadlineMs - LAMBDA_LATE_MARGIN_MS - clock.now().wallMs;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await waitFor(agent.invoked(), Math.max(0, Math.min(LAMBDA_HOLD_MS, untilLateMs)), clock);
  }
}
