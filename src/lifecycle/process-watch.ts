import { type UncaughtOptions, watchUncaught } from "./uncaught.ts";

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

  constructor({ log, exitNow, lastWords }: UncaughtOptions) {
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
    watchUncaught({ log, exitNow, lastWords });
  }
}
