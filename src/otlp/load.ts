import type { TelemetryConfig } from "../config/telemetry.ts";
import { ENDS } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import type { TelemetryOptions } from "./open.ts";
import { noTelemetry, type Telemetry } from "./telemetry.ts";

/** Loads what sends telemetry only where it is asked for. */
export async function loadTelemetry(
  config: TelemetryConfig | undefined,
  options: Omit<TelemetryOptions, "config" | "random">,
): Promise<Telemetry> {
  if (config === undefined) return noTelemetry;
  const { openTelemetry } = await import("./open.ts");
  // Not the schedule's chance: with telemetry an agent polls at the same moments as without.
  return openTelemetry({ ...options, config, random: Math.random });
}

/** The log, with every event told to telemetry too. */
export function telling(log: Log, telemetry: Telemetry): Log {
  return {
    ...log,
    event(event) {
      log.event(event);
      telemetry.event(event);
      if (ENDS.has(event.name)) log.correlate({ revision: undefined });
    },
  };
}
