import type { Runtime } from "../agent.ts";
import type { Config } from "../config/config.ts";
import type { AgentError } from "../errors.ts";

/**
 * How the agent runs, from its start to its end: as a process, a Lambda extension, the parent of a command,
 * once for files, or inside a program.
 */
export interface Lifecycle {
  /**
   * Runs an agent until something ends it.
   *
   * @returns the exit code.
   * @throws AgentError if the agent cannot be started.
   */
  run(config: Config, runtime: Runtime): Promise<number>;
  /** Passes on that no agent could be started. Never throws. */
  startFailed(error: AgentError): Promise<void>;
}
