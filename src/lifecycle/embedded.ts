import { type RunningAgent, startAgent } from "../agent.ts";
import { NETWORK_VARIABLES } from "../config/network-variables.ts";
import { parseConfig } from "../config/parse-config.ts";
import { secretsOf } from "../config/secrets.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { FileVariableName, VariableName } from "../config/variables.ts";
import { AgentError } from "../errors.ts";
import type { Feed } from "../feed/feed.ts";
import { newToken } from "../server/token-file.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import { systemClock } from "../system/clock.ts";
import { limitedLog } from "../telemetry/limited-log.ts";
import { createLog } from "../telemetry/log.ts";

/** The agent's variables with their values, as README lists them; unset ones have their defaults. */
export type AgentConfig = Readonly<
  Partial<Record<VariableName | FileVariableName, string | undefined>>
>;

export interface CreateAgentOptions {
  /** Gets each line of the log, with its end of line; without it, they go to standard error. */
  readonly log?: (line: string) => void;
  /** Gives up the start when it is aborted. */
  readonly signal?: AbortSignal;
}

export type ReadResult =
  | {
      readonly available: true;
      readonly revision: string;
      /** By the names that `/v1/keys` lists: `KEY`, or `<namespace>__<key>`. */
      readonly secrets: ReadonlyMap<string, string>;
    }
  | { readonly available: false; readonly reason: Unavailable };

/** An agent inside of this process. */
export interface Agent {
  /** Where it serves, such as `http://127.0.0.1:7779`; undefined with CLEF_AGENT_PORT=none. */
  readonly url: string | undefined;
  readonly port: number | undefined;
  /** The bearer token that clients send; undefined where CLEF_AGENT_TOKEN_FILE holds it. */
  readonly token: string | undefined;
  /** Resolves, never rejects, when the agent can go no further by itself; stop it then. */
  readonly failed: Promise<AgentError>;
  /**
   * The secrets now, or why there are none: the rules are those of the HTTP API. The values are
   * strings, which nothing can wipe, so read when you need them and keep nothing. Never rejects.
   */
  read(): Promise<ReadResult>;
  /** Looks at the source at once. */
  refresh(): void;
  /** Finishes the requests under way, wipes the secrets and closes everything; again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts an agent inside of this process and resolves once it serves, or once it knows that what it
 * would serve was revoked. It takes no signal, never ends the process, and reads no variable but
 * those in `config`, those of the network (HTTPS_PROXY and so on) and, for a bucket and a KMS, those of its
 * cloud; it keeps the process alive until `stop`.
 *
 * @throws AgentErrors with all that is wrong with the configuration.
 * @throws AgentError `startup_timeout` if no artifact could be had within CLEF_AGENT_STARTUP_TIMEOUT,
 * and `listen_failed` if the port or the socket cannot be had.
 * @throws the reason of `signal`, once it is aborted.
 */
export async function createAgent(
  config: AgentConfig,
  options: CreateAgentOptions = {},
): Promise<Agent> {
  const { signal, log: write = (line) => void process.stderr.write(line) } = options;
  signal?.throwIfAborted();
  const parsed = await parseConfig({ ...networkAround(), ...withToken(config) }, readSmallFile);
  const whole = createLog({
    level: parsed.logLevel,
    format: parsed.logFormat ?? "json",
    write,
    now: Date.now,
  });
  const log = limitedLog(whole, systemClock);
  for (const secret of secretsOf(parsed, process.env)) log.hide(secret);
  for (const warning of parsed.warnings) log.warn(warning);

  const running = await startAgent(parsed, { clock: systemClock, random: Math.random, log }).catch(
    (error: unknown) => {
      log.finish();
      throw error;
    },
  );
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= running.stop("signal").finally(() => log.finish()));
  try {
    await started(running, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  const { port } = running;
  return {
    url: port === undefined ? undefined : `http://127.0.0.1:${port}`,
    port,
    token: parsed.token.kind === "fixed" ? parsed.token.token : undefined,
    failed: running.failed,
    read: () => read(running.feed),
    refresh: () => running.refresh(),
    stop,
  };
}

/** What the environment of this process says of the network: it is the same for all that is in it. */
function networkAround(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(NETWORK_VARIABLES.map((name) => [name, process.env[name]]));
}

/** A token that nobody chose is made here, where it can be handed out. */
function withToken(config: AgentConfig): AgentConfig {
  const { CLEF_AGENT_TOKEN: token = "", CLEF_AGENT_TOKEN_FILE: file = "" } = config;
  return token === "" && file === "" ? { ...config, CLEF_AGENT_TOKEN: newToken() } : config;
}

/** @throws what keeps it from serving. */
async function started(agent: RunningAgent, signal: AbortSignal | undefined): Promise<void> {
  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = (): void => aborted.resolve("aborted");
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  const first = await Promise.race([agent.loaded, agent.failed, aborted.promise]);
  signal?.removeEventListener("abort", onAbort);
  signal?.throwIfAborted();
  if (first instanceof AgentError) throw first;
}

async function read(feed: Feed): Promise<ReadResult> {
  const snapshot = await feed.open();
  if (typeof snapshot === "string") return { available: false, reason: snapshot };
  // Others have taken its place in the few steps since it was opened.
  if (snapshot.isWiped) return read(feed);
  const caller = { cutOff: (): void => undefined };
  snapshot.hold(caller);
  try {
    const secrets = new Map<string, string>();
    for (const { name, value } of snapshot.index.entries) {
      const text: unknown = JSON.parse(snapshot.nested.toString("utf8", value.start, value.end));
      if (typeof text === "string") secrets.set(name, text);
    }
    return { available: true, revision: snapshot.revision, secrets };
  } finally {
    snapshot.release(caller);
  }
}
