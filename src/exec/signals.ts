import { constants } from "node:os";

/** A signal that this system has. */
export type SignalName = NodeJS.Signals;

/**
 * Those that go to the command each time they come (contract, section 8). The ones of job control are not
 * among them: a listener would take their default effect away, and Ctrl-Z with it.
 */
export const PASSED_ON: readonly SignalName[] = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGPWR",
  "SIGWINCH",
];

/** Those that a terminal sends to every process of its foreground group, the command among them. */
export const OF_TERMINAL: ReadonlySet<SignalName> = new Set([
  "SIGINT",
  "SIGQUIT",
  "SIGHUP",
  "SIGWINCH",
]);

/** Those that end the agent while no command runs. */
export const ENDING: ReadonlySet<SignalName> = new Set(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP"]);

/** Those that ask a program to end, and nothing else: what gets one is not started again. */
export const ASKS_TO_END: ReadonlySet<SignalName> = new Set(["SIGTERM", "SIGINT", "SIGQUIT"]);

/** The signal by that name, with or without `SIG`; undefined if this system has none. */
export function signalNamed(text: string): SignalName | undefined {
  const name = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  return SIGNALS.find((signal) => signal === name);
}

/** The exit code that shells give a program that was ended by a signal. */
export function codeOf(signal: SignalName): number {
  return 128 + constants.signals[signal];
}

function isSignal(name: string): name is SignalName {
  return name in constants.signals;
}

const SIGNALS: readonly SignalName[] = Object.keys(constants.signals).filter(isSignal);
