import type { AgentEvent, CommandStopReason } from "../telemetry/events.ts";
import type { CounterName } from "./metrics.ts";

interface Counted {
  readonly value: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Counts what becomes of the command of `exec`, from its events. */
export class CommandMeter {
  #isUsed = false;
  #starts = 0;
  #restarts = 0;
  // There at zero before the first of its kind: a rate sees no increase in a series that begins with 1.
  readonly #stops: Record<CommandStopReason, number> = {
    exited: 0,
    not_started: 0,
    signal: 0,
    refused: 0,
    revoked: 0,
    failed: 0,
  };

  /** None as long as there was no command: most agents run none. */
  get counters(): [CounterName, Counted[]][] {
    if (!this.#isUsed) return [];
    const stops = Object.entries(this.#stops).map(([reason, value]) => ({
      value,
      attributes: { "clef.command.reason": reason },
    }));
    return [
      ["clef.command.starts", [{ value: this.#starts, attributes: {} }]],
      ["clef.command.restarts", [{ value: this.#restarts, attributes: {} }]],
      ["clef.command.stops", stops],
    ];
  }

  count(event: AgentEvent): void {
    switch (event.name) {
      case "command.started":
        this.#starts++;
        break;
      case "command.restarted":
        this.#restarts++;
        break;
      case "command.stopped":
        this.#stops[event.reason]++;
        break;
      default:
        return;
    }
    this.#isUsed = true;
  }
}
