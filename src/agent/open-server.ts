import type { Config } from "../config/config.ts";
import type { Feed } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Telemetry } from "../otlp/telemetry.ts";
import { connectionLimits } from "../server/connection-limits.ts";
import type { ConnectionLimits } from "../server/connection-policy.ts";
import { DroppedConnections } from "../server/dropped-connections.ts";
import { EntityTags } from "../server/entity-tags.ts";
import { WaitingRequests } from "../server/waiting-requests.ts";
import { type Access, allowedHosts } from "../server/guards.ts";
import { createHandler, createProbeHandler, type Handler } from "../server/handler.ts";
import type { Listener, ServerOptions } from "../server/http-server.ts";
import { listen } from "../server/listen.ts";
import { listenOnSocket } from "../server/listen-on-socket.ts";
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
 * Opens the listener on 127.0.0.1, the one on a socket, and after them the one for probes, each where it is
 * asked for.
 *
 * @throws AgentError `listen_failed`, or `config_invalid` for the token; nothing is left open then.
 */
export async function openServer(config: Config, parts: ServerParts): Promise<Server> {
  const { feed, files, telemetry, log, clock, signal } = parts;
  const { port, socket, probeListen } = config;
  const limits = connectionLimits(descriptorLimit(), {
    apis: (port === undefined ? 0 : 1) + (socket === undefined ? 0 : 1),
    probes: probeListen === undefined ? 0 : 1,
  });
  const api = {
    feed,
    filesStatus: () => files.status(),
    refusals: refusalsTo(log),
    tags: new EntityTags(feed.mode),
    waiting: new WaitingRequests({ feed, clock, signal }),
  };
  const probed = { feed, filesStatus: api.filesStatus, scrape: telemetry.scrape };
  const handlerFor = (access: Access): Handler =>
    telemetry.observe(createHandler({ ...api, access }));
  const serverOptions = (variable: string, ofListener: ConnectionLimits): ServerOptions => ({
    variable,
    limits: ofListener,
    onDropped: tellDropped(variable, parts),
  });

  let boundPort: number | undefined;
  const wanted: (() => Promise<Listener>)[] = [];
  // Also beside a socket alone: who reads the token from its file finds one.
  const hasApi = port !== undefined || socket !== undefined;
  const token = hasApi ? await openToken(config.token, log, signal) : undefined;
  if (port !== undefined && token !== undefined) {
    wanted.push(async () => {
      const listener = await listen({
        ...serverOptions("CLEF_AGENT_PORT", limits.api),
        address: { host: "127.0.0.1", port },
        handler: (bound) => handlerFor({ kind: "token", token, hosts: allowedHosts(bound) }),
      });
      boundPort = listener.port;
      return listener;
    });
  }
  if (socket !== undefined) {
    wanted.push(() =>
      listenOnSocket({
        ...serverOptions("CLEF_AGENT_SOCKET", limits.api),
        socket,
        handler: handlerFor({ kind: "permissions" }),
        log,
      }),
    );
  }
  if (probeListen !== undefined) {
    wanted.push(async () => {
      const listener = await listen({
        ...serverOptions("CLEF_AGENT_PROBE_LISTEN", limits.probes),
        address: probeListen,
        handler: () => telemetry.observe(createProbeHandler(probed)),
      });
      log.info("answering probes", { address: `${probeListen.host}:${listener.port}` });
      return listener;
    });
  }
  const listeners = await openListeners(wanted);
  return {
    port: boundPort,
    async close(graceMs) {
      await Promise.all(listeners.map((listener) => listener.close(graceMs)));
    },
  };
}

/** Tells log and telemetry of the connections that a listener has no place for. */
function tellDropped(
  variable: string,
  { clock, log, telemetry }: ServerParts,
): ServerOptions["onDropped"] {
  const dropped = new DroppedConnections(variable, clock, log);
  return (reason) => {
    telemetry.connectionDropped(reason);
    dropped.dropped(reason);
  };
}
