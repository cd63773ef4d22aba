import { type RunningAgent, startAgent } from "../agent.ts";
import { AgentError } from "../errors.ts";
import type { Log } from "../telemetry/log.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { ProcessWatch } from "./process-watch.ts";

/**
 * The agent for as long as it takes to write the files, which stay; no port is opened. Exits 0 once they
 * are written and 1 in every other case, a signal among them: who comes next must not start without.
 */
export function filesOnce(exitNow: (code: number) => never): Lifecycle {
  return {
    async run(config, runtime) {
      const { log } = runtime;
      if (config.files === undefined) {
        throw new AgentError(
          "config_missing",
          "CLEF_AGENT_FILES_DIR is not set: name the directory that files --once writes to",
        );
      }
      const watch = new ProcessWatch({ log, exitNow, lastWords: () => Promise.resolve() });
      const listeners = { port: undefined, socket: undefined, probeListen: undefined };
      const closed = { ...config, ...listeners };
      const agent = await startAgent(closed, { ...runtime, filesAtEnd: "leave" });
      watch.onHangUp = () => agent.refresh();
      const first = await Promise.race([watch.signalled, agent.failed, agent.loaded]);
      const isWritten = first === "loaded" && hasWritten(agent);
      if (!isWritten) tellWhy(first, log);
      await agent.stop(isWritten ? "signal" : "error");
      return isWritten ? 0 : 1;
    },
    startFailed: () => Promise.resolve(),
  };
}

/** Files are written before the agent counts as loaded, or never by this one. */
function hasWritten(agent: RunningAgent): boolean {
  const status = agent.filesStatus();
  return status?.isReady === true && status.health.state === "written";
}

function tellWhy(first: "signal" | "loaded" | AgentError, log: Log): void {
  if (first instanceof AgentError) log.error(first.message, { code: first.code });
  if (first === "signal") log.warn("a signal came before the files were written");
  // A failure to write and a revocation are events, which the log has.
}
