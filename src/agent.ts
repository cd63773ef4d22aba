import { randomUUID } from "node:crypto";
import type { Config, Mode } from "./config/config.ts";
import { ageDecrypter } from "./decrypt/age.ts";
import { createDecrypt, type Decrypt } from "./decrypt/decrypt.ts";
import { AgentError } from "./errors.ts";
import { kmsOpener } from "./kms/open.ts";
import {
  DRAIN_MS,
  FLUSH_MS,
  JUST_IN_TIME_TTL_MS,
  LAMBDA_DRAIN_MS,
  LAMBDA_FLUSH_MS,
  LAST_LOOK_MS,
} from "./limits.ts";
import { loadTelemetry, telling } from "./otlp/load.ts";
import { secretsToUse } from "./otlp/use-secrets.ts";
import { Custodian, type NowServing } from "./refresh/custodian.ts";
import { Refresher } from "./refresh/refresher.ts";
import { allowedHosts } from "./server/guards.ts";
import { createHandler, createProbeHandler } from "./server/handler.ts";
import type { Listener, ListenOptions } from "./server/listen.ts";
import { openListeners } from "./server/listeners.ts";
import { refusalsTo } from "./server/refusals.ts";
import { createSecretsReader, type SecretsReader } from "./server/secrets-reader.ts";
import { openToken } from "./server/token-file.ts";
import { openSource } from "./source/open.ts";
import type { Source } from "./source/source.ts";
import { type ArtifactCache, noCache } from "./store/artifact-cache.ts";
import { recordCodec } from "./store/cache-record.ts";
import { cachedStore } from "./store/cached.ts";
import { DiskCache } from "./store/disk-cache.ts";
import { justInTimeStore } from "./store/just-in-time.ts";
import type { SecretsStore } from "./store/secrets.ts";
import type { Clock } from "./system/clock.ts";
import { waitFor } from "./system/wait-for.ts";
import type { StopReason } from "./telemetry/events.ts";
import type { Log } from "./telemetry/log.ts";
import { VERSION } from "./version.ts";

/** What the agent takes from the world outside its configuration. */
export interface Surroundings {
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
  /** Instead of the one that the configuration names. */
  readonly source?: Source;
}

export interface RunningAgent {
  /** The port of the listener on 127.0.0.1. */
  readonly port: number;
  /** What the listener serves from. */
  readonly reader: SecretsReader;
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
 * Puts an agent together and starts it: the one place that knows every part. It listens before the
 * first fetch.
 *
 * @throws AgentError if the configuration asks for what cannot be had, such as a port in use.
 */
export async function startAgent(config: Config, around: Surroundings): Promise<RunningAgent> {
  const { clock, random } = around;
  const startedAt = clock.now();
  const stopped = new AbortController();
  /** Outlives the rest: requests under way and the last telemetry may still have to decrypt. */
  const kmsCalls = new AbortController();
  const failure = Promise.withResolvers<AgentError>();
  const loaded = Promise.withResolvers<"loaded">();

  const agentId = config.agentId ?? randomUUID();
  const source = around.source ?? (await openSource(config.source, around.log));
  const decrypt = createDecrypt(ageDecrypter(config.ageIdentities), kmsOpener(kmsCalls.signal));
  const mode = partsOf(config.mode, decrypt, clock);
  const { store, ttlMs, pacingTtlMs, keepsPlaintext, everyInvocation } = mode;
  around.log.correlate({ agentId });
  const telemetry = await loadTelemetry(config.telemetry, {
    clock,
    log: around.log,
    subject: { agentId, sourceType: source.type, ...config.expected },
    facts: () => ({
      status: custodian.status(),
      untilExpiryMs: custodian.untilExpiryMs(),
      diskCacheHoldsArtifact: cache.holdsArtifact,
    }),
    useSecrets: (use) => secretsToUse(store, custodian)(use),
    keepHeaders: keepsPlaintext,
  });
  const log = telling(around.log, telemetry);
  const cache = openCache(config, source, (error) => {
    log.warn(error.message, { code: error.code });
    telemetry.diskCacheFailed();
  });
  let startupTimer = { cancel: (): void => undefined };
  const custodian = new Custodian({
    policy: { ...config.expected, verifyKeys: config.verifyKeys },
    store,
    cache,
    clock,
    log,
    ttlMs,
    onServing(serving) {
      log.correlate({ revision: serving.revision });
      telemetry.serving(serving);
      firstServing(serving);
    },
    onRevoked: () => loaded.resolve("loaded"),
  });
  const firstServing = once((serving: NowServing) => {
    startupTimer.cancel();
    log.info("serving secrets", {
      source: source.description,
      mode: config.mode.kind,
      address: `127.0.0.1:${listener.port}`,
      revision: serving.revision,
      keys: serving.keyCount,
      from: serving.from,
    });
    loaded.resolve("loaded");
  });
  const refresher = new Refresher({
    source,
    custodian,
    clock,
    random,
    ttlMs: pacingTtlMs,
    onBroken: (error) => failure.resolve(brokenLoop(error)),
    onAttempted: (outcome) => telemetry.attempted(outcome),
  });
  const reader = createSecretsReader({
    mode: config.mode.kind,
    store,
    custodian,
    refresher,
    clock,
    log,
  });

  const open = async (): Promise<readonly [Listener, ...Listener[]]> => {
    const token = await openToken(config.token, log, stopped.signal);
    const api: ListenOptions = {
      address: { host: "127.0.0.1", port: config.port },
      variable: "CLEF_AGENT_PORT",
      handler: (port) =>
        telemetry.observe(
          createHandler({
            reader,
            token,
            allowedHosts: allowedHosts(port),
            refusals: refusalsTo(log),
          }),
        ),
    };
    if (config.probeListen === undefined) return openListeners(api, []);
    const handler = telemetry.observe(createProbeHandler(reader));
    const variable = "CLEF_AGENT_PROBE_LISTEN";
    return openListeners(api, [{ address: config.probeListen, variable, handler: () => handler }]);
  };
  const listeners = await open().catch(async (error: unknown) => {
    stopped.abort();
    kmsCalls.abort();
    await telemetry.stop(0);
    custodian.close();
    throw error;
  });
  const [listener, probes] = listeners;
  if (config.probeListen !== undefined && probes !== undefined) {
    log.info("answering probes", { address: `${config.probeListen.host}:${probes.port}` });
  }

  log.event({ name: "agent.started", version: VERSION });
  log.info("listening", {
    address: `127.0.0.1:${listener.port}`,
    source: source.description,
    mode: config.mode.kind,
    agentId,
    signatures: config.verifyKeys.length > 0 ? "required" : "not checked",
  });
  if (config.startupTimeoutMs > 0) {
    startupTimer = clock.after(config.startupTimeoutMs, () => {
      if (custodian.freshness().kind === "revoked") return;
      failure.resolve(startupTimeout(config, custodian));
    });
  }
  await refresher.start();

  return {
    port: listener.port,
    reader,
    failed: failure.promise,
    loaded: loaded.promise,
    refresh: () => refresher.refreshSoon(),
    invoked: () => (everyInvocation ? refresher.refreshIfWelcome() : refresher.refreshIfDue()),
    async stop(reason) {
      startupTimer.cancel();
      stopped.abort();
      const graceMs = reason === "lambda_shutdown" ? LAMBDA_DRAIN_MS : DRAIN_MS;
      const looked = refresher.stop();
      await Promise.all([
        ...listeners.map((one) => one.close(graceMs)),
        waitFor(looked, LAST_LOOK_MS, clock),
      ]);
      const uptimeSeconds = Math.round((clock.now().monoMs - startedAt.monoMs) / 1000);
      log.event({ name: "agent.stopped", reason, uptimeSeconds });
      await telemetry.stop(reason === "lambda_shutdown" ? LAMBDA_FLUSH_MS : FLUSH_MS);
      kmsCalls.abort();
      await looked;
      custodian.close();
    },
  };
}

/** What the two modes do differently; the rest of the agent does not know which one it is in. */
interface ModeParts {
  readonly store: SecretsStore;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
  /** The TTL that sets the pace of polling. */
  readonly pacingTtlMs: number;
  /** Whether decrypted secrets stay in memory between requests. */
  readonly keepsPlaintext: boolean;
  /** Whether a Lambda function looks at the source at every invocation, or when a poll is due. */
  readonly everyInvocation: boolean;
}

function partsOf(mode: Mode, decrypt: Decrypt, clock: Clock): ModeParts {
  switch (mode.kind) {
    case "cached":
      return {
        store: cachedStore(decrypt, clock),
        ttlMs: mode.ttlMs,
        pacingTtlMs: mode.ttlMs,
        keepsPlaintext: true,
        everyInvocation: false,
      };
    case "jit":
      return {
        store: justInTimeStore(decrypt, clock),
        ttlMs: JUST_IN_TIME_TTL_MS,
        pacingTtlMs: 0,
        keepsPlaintext: false,
        everyInvocation: true,
      };
  }
}

function openCache(
  config: Config,
  source: Source,
  warn: (error: AgentError) => void,
): ArtifactCache {
  if (config.cachePath === undefined) return noCache;
  return new DiskCache({
    directory: config.cachePath,
    sourceKey: source.cacheKey,
    codec: recordCodec(
      config.ageIdentities.map(({ text }) => text),
      source.cacheKey,
    ),
    warn,
  });
}

function brokenLoop(cause: unknown): AgentError {
  return new AgentError("internal", "the refresh loop broke; the agent stops, restart it", {
    cause,
  });
}

function startupTimeout(config: Config, custodian: Custodian): AgentError {
  const seconds = config.startupTimeoutMs / 1000;
  const last = custodian.lastFailure?.message ?? "no answer yet";
  return new AgentError(
    "startup_timeout",
    `no artifact within ${seconds} s (CLEF_AGENT_STARTUP_TIMEOUT); the last attempt: ${last}`,
  );
}

function once<Value>(fn: (value: Value) => void): (value: Value) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    fn(value);
  };
}
