import type { Config } from "../config/config.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Telemetry } from "../otlp/telemetry.ts";
import { connectionLimits } from "../server/connection-limits.ts";
import type { ConnectionLimits } from "../server/connection-policy.ts";
import { DroppedConnections } from "../server/dropped-connections.ts";
import { EntityTags } from "../server/entity-tags.ts";
import { WaitingRequests } from "../server/waiting-requests.ts";
import { allowedHosts } from "../server/guards.ts";
import { createHandler, createProbeHandler } from "../server/handler.ts";
import type { ListenOptions } from "../server/listen.ts";
import { openListeners } from "../server/listeners.ts";
import { refusalsTo } from "../server/refusals.ts";
import { openToken } from "../server/token-file.ts";
import type { Clock } from "../system/clock.ts";
import { descriptorLimit } from "../system/descriptor-limit.ts";
import type { Log } from "../telemetry/log.ts";

export interface ServerParts {
  readonly feed: Feed;
  readonly files: { status(): FilesStatus | undefined };
  readonly telemetry: Telemetry;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the agent stops: ends the watch of the token file. */
  readonly signal: AbortSignal;
}

export interface Server {
  /** Of the listener on 127.0.0.1; undefined where there is none. */
  readonly port: number | undefined;
  /** Finishes the requests under way, within this time. */
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the listener on 127.0.0.1, and after it the one for probes, each where it is asked for.
 *
 * @throws AgentError `listen_failed`, or `config_invalid` for the token; nothing is left open then.
 */
export async function openServer(config: Config, parts: ServerParts): Promise<Server> {
  const { feed, files, telemetry, log } = parts;
  const { probeListen } = config;
  const limits = connectionLimits(descriptorLimit(), probeListen !== undefined);
  const api =
    config.port === undefined ? [] : [await apiListener(config, config.port, limits.api, parts)];
  const probes: ListenOptions[] =
    probeListen === undefined
      ? []
      : [
          {
            address: probeListen,
            variable: "CLEF_AGENT_PROBE_LISTEN",
            limits: limits.probes,
            onDropped: tellDropped("CLEF_AGENT_PROBE_LISTEN", parts),
            handler: () => telemetry.observe(createProbeHandler(feed, () => files.status())),
          },
        ];
  const listeners = await openListeners([...api, ...probes]);
  const ports = listeners.map(({ port }) => port);
  if (probeListen !== undefined) {
    log.info("answering probes", { address: `${probeListen.host}:${ports.at(-1)}` });
  }
  return {
    port: api.length === 0 ? undefined : ports[0],
    async close(graceMs) {
      await Promise.all(listeners.map((listener) => listener.close(graceMs)));
    },
  };
}

async function apiListener(
  config: Config,
  port: number,
  limits: ConnectionLimits,
  parts: ServerParts,
): Promise<ListenOptions> {
  const { feed, files, telemetry, log, clock, signal } = parts;
  const token = await openToken(config.token, log, signal);
  const refusals = refusalsTo(log);
  const tags = new EntityTags(feed.mode);
  const waiting = new WaitingRequests({ feed, clock, signal });
  return {
    address: { host: "127.0.0.1", port },
    variable: "CLEF_AGENT_PORT",
    limits,
    onDropped: tellDropped("CLEF_AGENT_PORT", parts),
    handler: (bound) =>
      telemetry.observe(
        createHandler({
          feed,
          filesStatus: () => files.status(),
          token,
          allowedHosts: allowedHosts(bound),
          refusals,
          tags,
          waiting,
        }),
      ),
  };
}

/** Tells log and telemetry of the connections that a listener has no place for. */
function tellDropped(
  variable: string,
  { clock, log, telemetry }: ServerParts,
): ListenOptions["onDropped"] {
  const dropped = new DroppedConnections(variable, clock, log);
  return (reason) => {
    telemetry.connectionDropped(reason);
    dropped.dropped(reason);
  };
}
