import { AgentError } from "../../errors.ts";

/** An input of `pack` that cannot be packed. The problem holds no value and no line of the input. */
export function invalid(problem: string): AgentError {
  return new AgentError("input_invalid", `the secrets cannot be packed: ${problem}`);
}
