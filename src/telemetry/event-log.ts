import type { AgentEvent } from "./events.ts";
import type { Log } from "./log.ts";

/** A log whose events others hear too. */
export interface EventLog extends Log {
  /** From now on `listener` gets every event, whether or not the log writes it. */
  onEvent(listener: (event: AgentEvent) => void): void;
}

export function eventLog(log: Log): EventLog {
  const listeners: ((event: AgentEvent) => void)[] = [];
  return {
    ...log,
    event(event) {
      log.event(event);
      for (const listener of listeners) listener(event);
    },
    onEvent: (listener) => void listeners.push(listener),
  };
}
