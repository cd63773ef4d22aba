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
    // Node's message names the option and never its value; what follows is advice on `--`.
    const [problem] = (error instanceof Error ? error.message : "wrong options").split(". ");
    throw usage(problem ?? "wrong options");
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
