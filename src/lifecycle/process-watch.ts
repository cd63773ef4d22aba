import { AgentError } from "../errors.ts";
import type { Log } from "../telemetry/log.ts";

export interface ProcessWatchOptions {
  readonly log: Log;
  readonly exitNow: (code: number) => never;
  /** What is said to the outside before the process ends on an error that nobody caught. */
  readonly lastWords: (error: AgentError) => Promise<void>;
}

/**
 * What the operating system says to the process, from the first moment on: Node would end it on a
 * signal that comes while the agent is being put together.
 *
 * SIGTERM and SIGINT ask for the end, a second one exits at once. SIGHUP asks for a look at the
 * source. What nobody caught ends the process rather than leaving half of it alive.
 */
export class ProcessWatch {
  /** Resolves on the first SIGTERM or SIGINT. */
  readonly signalled: Promise<"signal">;
  /** Called on SIGHUP. */
  onHangUp: () => void = () => undefined;

  constructor({ log, exitNow, lastWords }: ProcessWatchOptions) {
    const first = Promise.withResolvers<"signal">();
    this.signalled = first.promise;
    let signals = 0;
    const onSignal = (): void => {
      if (++signals > 1) exitNow(1);
      first.resolve("signal");
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
    process.on("SIGHUP", () => {
      log.info("SIGHUP: looking at the source");
      this.onHangUp();
    });
    const onUncaught = (thrown: unknown): void => {
      logUncaught(thrown, log);
      const error = new AgentError("internal", "an error that nobody expected ends the agent");
      void lastWords(error).finally(() => exitNow(1));
    };
    process.on("uncaughtException", onUncaught);
    process.on("unhandledRejection", onUncaught);
  }
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
