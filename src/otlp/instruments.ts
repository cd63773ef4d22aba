import type { Outcome } from "../refresh/attempt.ts";
import type { Change } from "../refresh/changes.ts";
import type { Dropped } from "../server/connection-policy.ts";
import type { Handler } from "../server/handler.ts";
import type { AgentEvent } from "../telemetry/events.ts";
import { collect, type Collected, type Facts, type Meters } from "./collect.ts";
import { CommandMeter } from "./command-meter.ts";
import { DropCounter } from "./drops.ts";
import { FilesMeter } from "./files-meter.ts";
import { RefreshMeter } from "./refresh-meter.ts";
import { RequestMeter } from "./request-meter.ts";

/** What is counted since the start, whether it is sent, scraped or both. */
export class Instruments {
  /** Of what is sent. */
  readonly drops: Meters["drops"] = { logs: new DropCounter(), metrics: new DropCounter() };
  readonly #requests: RequestMeter;
  readonly #refreshes = new RefreshMeter();
  readonly #files = new FilesMeter();
  readonly #commands = new CommandMeter();
  readonly #diskCache = { restores: 0 };
  readonly #droppedConnections: Record<Dropped, number> = { unproven: 0, idle: 0, refused: 0 };
  readonly #facts: () => Facts;

  /** @param nowMs - monotonic milliseconds. */
  constructor(facts: () => Facts, nowMs: () => number) {
    this.#facts = facts;
    this.#requests = new RequestMeter(nowMs);
  }

  /** The same handler, with its requests counted. */
  observe(handler: Handler): Handler {
    return this.#requests.observe(handler);
  }

  event(event: AgentEvent): void {
    this.#files.count(event);
    this.#commands.count(event);
  }

  attempted(outcome: Outcome): void {
    this.#refreshes.count(outcome);
  }

  changed(change: Change): void {
    if (change.kind === "serving" && change.from === "disk_cache") this.#diskCache.restores++;
  }

  connectionDropped(reason: Dropped): void {
    this.#droppedConnections[reason]++;
  }

  /** Every metric that has a value now. */
  collect(): readonly Collected[] {
    return collect(this.#facts(), {
      requests: this.#requests,
      refreshes: this.#refreshes,
      drops: this.drops,
      diskCache: this.#diskCache,
      droppedConnections: this.#droppedConnections,
      files: this.#files,
      commands: this.#commands,
    });
  }
}
