import { randomUUID } from "node:crypto";
import { announce } from "./agent/announce.ts";
import { openCustody } from "./agent/open-custody.ts";
import { FILES_NOT_WANTED, openConfiguredFiles } from "./agent/open-files.ts";
import { openServer } from "./agent/open-server.ts";
import { StartUp, startupTimeout } from "./agent/start-up.ts";
import { warnOfExposed } from "./agent/warn-of-exposed.ts";
import type { Config } from "./config/config.ts";
import { AgentError } from "./errors.ts";
import type { Feed } from "./feed/feed.ts";
import type { FilesStatus } from "./feed/files-status.ts";
import { logChanges } from "./feed/log-changes.ts";
import { DRAIN_MS, FLUSH_MS, LAMBDA_DRAIN_MS, LAMBDA_FLUSH_MS, LAST_LOOK_MS } from "./limits.ts";
import { Network } from "./net/network.ts";
import { loadTelemetry } from "./otlp/load.ts";
import { openSource } from "./source/open.ts";
import type { Source } from "./source/source.ts";
import type { Clock } from "./system/clock.ts";
import { waitFor } from "./system/wait-for.ts";
import { eventLog } from "./telemetry/event-log.ts";
import type { AgentEvent, StopReason } from "./telemetry/events.ts";
import type { Log } from "./telemetry/log.ts";

/** What the agent takes from the world outside its configuration. */
export interface Runtime {
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Instead of the one that the configuration names. */
  readonly source?: Source;
  /** What becomes of the files at a stop; they are removed unless this says otherwise. */
  readonly filesAtEnd?: "remove" | "leave";
}

export interface RunningAgent {
  /** The port of the listener on 127.0.0.1; undefined where there is none. */
  readonly port: number | undefined;
  /** What it serves, and each change of that. */
  readonly feed: Feed;
  /** How the files stand; undefined where there are none. */
  filesStatus(): FilesStatus | undefined;
  /** Resolves once the files hold what is served; at once where there are none. */
  delivered(): Promise<void>;
  /** Writes an event of the agent's life, which telemetry hears too. */
  tell(event: AgentEvent): void;
  /** Resolves when the agent can go no further by itself: start-up failed, or the loop broke. */
  readonly failed: Promise<AgentError>;
  /** Resolves once readers get an answer that stands: secrets, or that these were revoked. */
  readonly loaded: Promise<"loaded">;
  /** Looks at the source at once. */
  refresh(): void;
  /** A Lambda function is invoked: looks at the source if it is time; resolves when that is over. */
  invoked(): Promise<void>;
  /** Finishes the requests under way, sends the last telemetry, wipes the secrets and closes everything. */
  stop(reason: StopReason): Promise<void>;
}

/**
 * Puts an agent together and starts it, in the order in which data flows: source, custody, feed,
 * deliveries. This is the one place that knows every part. It listens before the first fetch.
 *
 * All hear of a change in the order in which they are opened here: the log first, so that everything
 * after it is logged under the right revision; then telemetry, the files, the requests that wait, and the
 * line that says that secrets are served; start-up last, when each of these has done or begun its part. A
 * command follows later (`src/exec/looks.ts`), and waits for the files by `delivered`.
 *
 * @throws AgentError if the configuration asks for what cannot be had, such as a port in use.
 */
export async function startAgent(config: Config, runtime: Runtime): Promise<RunningAgent> {
  const { clock, random } = runtime;
  const startedAt = clock.now();
  const stopped = new AbortController();
  /** Outlives the rest: requests under way and the last telemetry may still have to decrypt. */
  const kmsCalls = new AbortController();
  const failure = Promise.withResolvers<AgentError>();
  const agentId = config.agentId ?? randomUUID();
  const log = eventLog(runtime.log);
  log.correlate({ agentId });

  await warnOfExposed(config.guarded, log);
  const network = Network.open(config.network, (problem) => log.warn(problem));
  const source = runtime.source ?? (await openSource(config.source, { network, log }));
  const { cache, custody, refresher, feed, invoked } = openCustody(config, {
    source,
    clock,
    random,
    log,
    kms: { network, signal: kmsCalls.signal },
    onBroken: (error) => failure.resolve(broken(error)),
  });

  logChanges(feed, log);
  const subject = { agentId, sourceType: source.type, ...config.expected };
  let files = FILES_NOT_WANTED;
  const filesStatus = (): FilesStatus | undefined => files.status();
  const parts = { feed, refresher, cache, filesStatus, network, log, clock, subject };
  const { telemetry: sent, resource, probeListen } = config;
  const wish = { sent, scraped: probeListen !== undefined, resource };
  const telemetry = await loadTelemetry(wish, parts);
  const close = async (flushMs: number): Promise<void> => {
    await telemetry.stop(flushMs);
    kmsCalls.abort();
    await refresher.stop();
    custody.close();
  };
  const atEnd = runtime.filesAtEnd ?? "remove";
  const filesParts = { feed, source, clock, log, atEnd };
  files = await openConfiguredFiles(config, filesParts).catch(async (error: unknown) => {
    await close(0);
    throw error;
  });
  const serverParts = { feed, files, telemetry, log, clock, signal: stopped.signal };
  const server = await openServer(config, serverParts).catch(async (error: unknown) => {
    stopped.abort();
    await files.stop();
    await close(0);
    throw error;
  });
  const { port } = server;
  announce(feed, log, { config, source, agentId, port });
  const startUp = new StartUp(feed);
  startUp.limit(clock, config.startupTimeoutMs, () => {
    const last = { underWayMs: refresher.underWayMs, failure: custody.lastFailure };
    failure.resolve(startupTimeout(config.startupTimeoutMs, last));
  });
  await refresher.start();

  return {
    port,
    feed,
    filesStatus,
    delivered: () => files.delivered(),
    tell: (event) => log.event(event),
    failed: failure.promise,
    loaded: startUp.loaded,
    refresh: () => refresher.refreshSoon(),
    invoked,
    async stop(reason) {
      startUp.cancel();
      stopped.abort();
      const inLambda = reason === "lambda_shutdown";
      const graceMs = inLambda ? LAMBDA_DRAIN_MS : DRAIN_MS;
      await Promise.all([server.close(graceMs), waitFor(refresher.stop(), LAST_LOOK_MS, clock)]);
      await files.stop();
      const uptimeSeconds = Math.round((clock.now().monoMs - startedAt.monoMs) / 1000);
      log.event({ name: "agent.stopped", reason, uptimeSeconds });
      await close(inLambda ? LAMBDA_FLUSH_MS : FLUSH_MS);
    },
  };
}

function broken(cause: unknown): AgentError {
  return new AgentError(
    "internal",
    "the refresh loop or one of its subscribers broke; the agent stops, restart it",
    { cause },
  );
}
