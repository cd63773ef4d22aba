import type { Config } from "../config/config.ts";
import type { Feed } from "../feed/feed.ts";
import type { Telemetry } from "../otlp/telemetry.ts";
import { connectionLimits } from "../server/connection-limits.ts";
import { DroppedConnections } from "../server/dropped-connections.ts";
import { allowedHosts } from "../server/guards.ts";
import { createHandler, createProbeHandler } from "../server/handler.ts";
import type { Listener, ListenOptions } from "../server/listen.ts";
import { openListeners } from "../server/listeners.ts";
import { refusalsTo } from "../server/refusals.ts";
import { openToken } from "../server/token-file.ts";
import type { Clock } from "../system/clock.ts";
import { descriptorLimit } from "../system/descriptor-limit.ts";
import type { Log } from "../telemetry/log.ts";

export interface ServerParts {
  readonly feed: Feed;
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the agent stops: ends the watch of the token file. */
  readonly signal: AbortSignal;
}

/**
 * Opens the listener on 127.0.0.1, and after it the one for probes where it is asked for.
 *
 * @throws AgentError `listen_failed`, or `config_invalid` for the token; nothing is left open then.
 */
export async function openServer(
  config: Config,
  { feed, telemetry, log, clock, signal }: ServerParts,
): Promise<readonly [Listener, ...Listener[]]> {
  const token = await openToken(config.token, log, signal);
  const refusals = refusalsTo(log);
  const limits = connectionLimits(descriptorLimit(), config.probeListen !== undefined);
  const tellOf = (variable: string): ListenOptions["onDropped"] => {
    const dropped = new DroppedConnections(variable, clock, log);
    return (reason) => {
      telemetry.connectionDropped(reason);
      dropped.dropped(reason);
    };
  };
  const api: ListenOptions = {
    address: { host: "127.0.0.1", port: config.port },
    variable: "CLEF_AGENT_PORT",
    limits: limits.api,
    onDropped: tellOf("CLEF_AGENT_PORT"),
    handler: (port) =>
      telemetry.observe(createHandler({ feed, token, allowedHosts: allowedHosts(port), refusals })),
  };
  if (config.probeListen === undefined) return openListeners(api, []);
  const probes: ListenOptions = {
    address: config.probeListen,
    variable: "CLEF_AGENT_PROBE_LISTEN",
    limits: limits.probes,
    onDropped: tellOf("CLEF_AGENT_PROBE_LISTEN"),
    handler: () => telemetry.observe(createProbeHandler(feed)),
  };
  const listeners = await openListeners(api, [probes]);
  const port = listeners[1]?.port ?? config.probeListen.port;
  log.info("answering probes", { address: `${config.probeListen.host}:${port}` });
  return listeners;
}
