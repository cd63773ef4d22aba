/** What a program that embeds the agent imports: see docs/embedding.md. */
export { AgentError, AgentErrors, type ErrorCode } from "./errors.ts";
export {
  type Agent,
  type AgentConfig,
  createAgent,
  type CreateAgentOptions,
  type ReadResult,
} from "./lifecycle/embedded.ts";
