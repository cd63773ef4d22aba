import { AgentError } from "../errors.ts";

/** @param problem - what is wrong, and what to do. */
export function socketError(problem: string): AgentError {
  return new AgentError("listen_failed", `CLEF_AGENT_SOCKET: ${problem}`);
}
