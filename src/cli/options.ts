import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { AgentError } from "../errors.ts";

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>
>;

/**
 * Reads the options of a subcommand.
 *
 * @throws AgentError `usage` for an unknown option or one without its value.
 */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's message names the option and never its value; its further lines are advice.
    const [problem = ""] = (error instanceof Error ? error.message : "wrong options").split(/\.\s/);
    const ambiguous = problem.includes("is ambiguous");
    throw usage(
      ambiguous ? `${problem}: write a value that starts with a dash as --option=VALUE` : problem,
    );
  }
}

/** The value of an option that must be given. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === "") throw usage(`${option} is missing`);
  return value;
}

export function usage(problem: string): AgentError {
  return new AgentError("usage", `${problem}; see clef-agent --help`);
}
