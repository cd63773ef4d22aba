import { AgentError } from "../errors.ts";
import type { Log } from "../telemetry/log.ts";

export interface UncaughtOptions {
  readonly log: Log;
  readonly exitNow: (code: number) => never;
  /** What is said to the outside before the process ends on an error that nobody caught. */
  readonly lastWords: (error: AgentError) => Promise<void>;
}

/** What nobody caught ends the process rather than leaving half of it alive. */
export function watchUncaught({ log, exitNow, lastWords }: UncaughtOptions): void {
  const onUncaught = (thrown: unknown): void => {
    logUncaught(thrown, log);
    const error = new AgentError("internal", "an error that nobody expected ends the agent");
    void lastWords(error).finally(() => exitNow(1));
  };
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
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
