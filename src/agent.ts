import { randomUUID } from "node:crypto";
import { modeParts } from "./agent/mode-parts.ts";
import { openCache } from "./agent/open-cache.ts";
import { openServer } from "./agent/open-server.ts";
import { StartUp, startupTimeout } from "./agent/start-up.ts";
import type { Config } from "./config/config.ts";
import { ageDecrypter } from "./decrypt/age.ts";
import { createDecrypt } from "./decrypt/decrypt.ts";
import { AgentError } from "./errors.ts";
import { kmsOpener } from "./kms/open.ts";
import { DRAIN_MS, FLUSH_MS, LAMBDA_DRAIN_MS, LAMBDA_FLUSH_MS, LAST_LOOK_MS } from "./limits.ts";
import { loadTelemetry, telling } from "./otlp/load.ts";
import { secretsToUse } from "./otlp/use-secrets.ts";
import { Custodian, type NowServing } from "./refresh/custodian.ts";
import { Refresher } from "./refresh/refresher.ts";
import { createSecretsReader, type SecretsReader } from "./server/secrets-reader.ts";
import { openSource } from "./source/open.ts";
import type { Source } from "./source/source.ts";
import type { Clock } from "./system/clock.ts";
import type { StopReason } from "./telemetry/events.ts";
import type { Log } from "./telemetry/log.ts";
import { waitFor } from "./system/wait-for.ts";
import { VERSION } from "./version.ts";

/** What the agent takes from the world outside its configuration. */
export interface Runtime {
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
export async function startAgent(config: Config, runtime: Runtime): Promise<RunningAgent> {
  const { clock, random } = runtime;
  const startedAt = clock.now();
  const stopped = new AbortController();
  /** Outlives the rest: requests under way and the last telemetry may still have to decrypt. */
  const kmsCalls = new AbortController();
  const failure = Promise.withResolvers<AgentError>();
  const startUp = new StartUp();

  const agentId = config.agentId ?? randomUUID();
  const source = runtime.source ?? (await openSource(config.source, runtime.log));
  const decrypt = createDecrypt(ageDecrypter(config.ageIdentities), kmsOpener(kmsCalls.signal));
  const mode = modeParts(config.mode, decrypt, clock);
  const { store, ttlMs, pacingTtlMs, keepsPlaintext, everyInvocation } = mode;
  runtime.log.correlate({ agentId });
  const telemetry = await loadTelemetry(config.telemetry, {
    clock,
    log: runtime.log,
    subject: { agentId, sourceType: source.type, ...config.expected },
    facts: () => ({
      status: custodian.status(),
      untilExpiryMs: custodian.untilExpiryMs(),
      diskCacheHoldsArtifact: cache.holdsArtifact,
    }),
    useSecrets: (use) => secretsToUse(store, custodian)(use),
    keepHeaders: keepsPlaintext,
  });
  const log = telling(runtime.log, telemetry);
  const cache = openCache(config, source, (error) => {
    log.warn(error.message, { code: error.code });
    telemetry.diskCacheFailed();
  });
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
      if (startUp.serving()) tellServing(serving);
    },
    onRevoked: () => startUp.revoked(),
  });
  const tellServing = ({ revision, keyCount, from }: NowServing): void => {
    log.info("serving secrets", {
      source: source.description,
      mode: config.mode.kind,
      address: `127.0.0.1:${listener.port}`,
      revision,
      keys: keyCount,
      from,
    });
  };
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

  const parts = { reader, telemetry, log, signal: stopped.signal };
  const listeners = await openServer(config, parts).catch(async (error: unknown) => {
    stopped.abort();
    kmsCalls.abort();
    await telemetry.stop(0);
    custodian.close();
    throw error;
  });
  const [listener] = listeners;

  log.event({ name: "agent.started", version: VERSION });
  log.info("listening", {
    address: `127.0.0.1:${listener.port}`,
    source: source.description,
    mode: config.mode.kind,
    agentId,
    signatures: config.verifyKeys.length > 0 ? "required" : "not checked",
  });
  startUp.limit(clock, config.startupTimeoutMs, () => {
    failure.resolve(startupTimeout(config.startupTimeoutMs, custodian.lastFailure));
  });
  await refresher.start();

  return {
    port: listener.port,
    reader,
    failed: failure.promise,
    loaded: startUp.loaded,
    refresh: () => refresher.refreshSoon(),
    invoked: () => (everyInvocation ? refresher.refreshIfWelcome() : refresher.refreshIfDue()),
    async stop(reason) {
      startUp.cancel();
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

function brokenLoop(cause: unknown): AgentError {
  return new AgentError("internal", "the refresh loop broke; the agent stops, restart it", {
    cause,
  });
}
