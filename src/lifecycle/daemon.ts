import { startAgent } from "../agent.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { ProcessWatch } from "./process-watch.ts";

/**
 * The agent as a process of its own until a signal or an error ends it. SIGTERM and SIGINT finish
 * the requests under way and exit 0; a second one exits at once. SIGHUP looks at the source.
 */
export function daemon(exitNow: (code: number) => never): Lifecycle {
  return {
    async run(config, runtime) {
      const { log } = runtime;
      const watch = new ProcessWatch({ log, exitNow, lastWords: () => Promise.resolve() });
      const agent = await startAgent(config, runtime);
      watch.onHangUp = () => agent.refresh();
      const ended = await Promise.race([watch.signalled, agent.failed]);
      if (ended === "signal") {
        await agent.stop("signal");
        return 0;
      }
      log.error(ended.message, { code: ended.code });
      await agent.stop("error");
      return 1;
    },
    startFailed: () => Promise.resolve(),
  };
}
