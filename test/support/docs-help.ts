import { HELP } from "../../src/cli/help.ts";

const USAGE_END = 27;

/** What `--help` says of each command: how it is called, and the options it takes. */
export function helpCommands(): ReadonlyMap<string, readonly string[]> {
  const lines = HELP.slice(HELP.indexOf("Commands:"), HELP.indexOf("--help, --version")).split(
    "\n",
  );
  const commands = new Map<string, string[]>();
  let options: string[] = [];
  for (const line of lines) {
    if (/^ {2}[a-z]/.test(line)) {
      options = [];
      commands.set(line.slice(2, USAGE_END).trim(), options);
    } else if (/^ {6}--/.test(line)) {
      options.push(...(line.match(/--[a-z-]+/g) ?? []));
    }
  }
  return commands;
}
