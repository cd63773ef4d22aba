import { OF_TERMINAL, PASSED_ON, type SignalName } from "./signals.ts";
import { terminalNow } from "./terminal.ts";

/**
 * Calls `onSignal` for each signal that is the command's, each time it comes, and takes its effect on this
 * process away. Whether a terminal sent it is decided by who is in front at that moment.
 */
export function listenToSignals(
  onSignal: (signal: SignalName, from: "process" | "terminal") => void,
): void {
  for (const signal of PASSED_ON) {
    process.on(signal, () => {
      const typed = OF_TERMINAL.has(signal) && terminalNow().foreground;
      onSignal(signal, typed ? "terminal" : "process");
    });
  }
}
