import { startAgent, type Surroundings } from "../agent.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../telemetry/log.ts";

/**
 * Runs the agent as a process of its own until a signal or an error ends it.
 *
 * SIGTERM and SIGINT finish the requests under way and exit 0; a second one exits at once. SIGHUP
 * looks at the source. SIGUSR1 does nothing, where Node would open its inspector. What nobody caught
 * ends the process rather than leaving half of it alive.
 *
 * @returns the exit code.
 * @throws AgentError if the agent cannot be started.
 */
export async function runDaemon(
  config: Config,
  around: Surroundings,
  exitNow: (code: number) => never,
): Promise<number> {
  const { log } = around;
  const signalled = Promise.withResolvers<"signal">();
  let signals = 0;
  const onSignal = (): void => {
    if (++signals > 1) exitNow(1);
    signalled.resolve("signal");
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  const onUncaught = (error: unknown): void => {
    logUncaught(error, log);
    exitNow(1);
  };
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);

  let refresh = (): void => undefined;
  // From the start: Node would end the process on a signal that comes while it is being put together.
  process.on("SIGHUP", () => refresh());
  const agent = await startAgent(config, around);
  refresh = () => {
    log.info("SIGHUP: looking at the source");
    agent.refresh();
  };
  const ended = await Promise.race([signalled.promise, agent.failed]);
  if (ended === "signal") {
    await agent.stop("signal");
    return 0;
  }
  log.error(ended.message, { code: ended.code });
  await agent.stop("error");
  return 1;
}

/** Says where it happened and not what the error says, which may quote anything. */
function logUncaught(error: unknown, log: Log): void {
  const name = error instanceof Error ? error.name : typeof error;
  const where = error instanceof Error ? /^\s+at (.*)$/m.exec(error.stack ?? "")?.[1] : undefined;
  log.error("an error that nobody expected ends the agent; please report it", {
    code: "internal",
    error: name,
    at: where,
  });
}
