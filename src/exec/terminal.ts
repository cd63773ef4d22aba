import { closeSync, openSync } from "node:fs";
import { type ProcessStat, processStat } from "./proc-stat.ts";

/** How this process stands to its terminal. */
export interface TerminalState {
  /** Whether it has a controlling terminal at all. */
  readonly attached: boolean;
  /** Whether its group is the one in front, which gets what is typed there, Ctrl-C included. */
  readonly foreground: boolean;
}

/**
 * Asks the system. Whether standard input is a terminal says less: with a pipe for input, Ctrl-C comes all
 * the same. Where there is no /proc, who has a terminal is taken to be in front of it; on Windows a signal comes from
 * the console or not at all.
 */
export function terminalNow(): TerminalState {
  const stat = processStat("self");
  if (stat !== undefined) return terminalState(stat);
  const attached = process.platform === "win32" || hasTerminal();
  return { attached, foreground: attached };
}

export function terminalState({ group, terminal, foregroundGroup }: ProcessStat): TerminalState {
  const attached = terminal !== 0;
  return { attached, foreground: attached && group === foregroundGroup };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
