import { type AgeIdentity, parseAgeIdentities } from "../keys/age-identities.ts";
import { parseVerifyKeys, type VerifyKey } from "../keys/verify-keys.ts";
import { AgentError, AgentErrors } from "../errors.ts";
import { EnvReader, type ReadTextFile } from "./env-reader.ts";
import type { NetworkSettings } from "../net/settings.ts";
import { readNetwork } from "./network.ts";
import { parseHttpUrl } from "./http-url.ts";
import { type FilesConfig, readFiles } from "./files.ts";
import { readSource, type SourceConfig } from "./source.ts";
import { readTelemetry, type TelemetryConfig } from "./telemetry.ts";
import { guessableToken, readToken, type TokenConfig } from "./token.ts";
import { isServiceLink, unknownVariables } from "./unknown.ts";

export type Mode = { readonly kind: "cached"; readonly ttlMs: number } | { readonly kind: "jit" };

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "json" | "text";

/** A path that the configuration names and whose safety it rests on. */
export interface GuardedPath {
  readonly variable: string;
  readonly path: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Everything the environment decides, checked; nothing later reads the environment. */
export interface Config {
  readonly source: SourceConfig;
  /** Whom the artifact must be packed for; undefined accepts anyone. */
  readonly expected: {
    readonly identity: string | undefined;
    readonly environment: string | undefined;
  };
  readonly ageIdentities: readonly AgeIdentity[];
  /** Empty where signatures are not asked for. */
  readonly verifyKeys: readonly VerifyKey[];
  /** Of the listener on 127.0.0.1; 0 is any free port, and undefined opens none. */
  readonly port: number | undefined;
  readonly token: TokenConfig;
  /** Undefined is a random UUID. */
  readonly agentId: string | undefined;
  readonly mode: Mode;
  readonly cachePath: string | undefined;
  /** Undefined where no files are asked for. */
  readonly files: FilesConfig | undefined;
  /** Undefined where none is sent. */
  readonly telemetry: TelemetryConfig | undefined;
  /** Proxies, certificates to trust, the client certificate. */
  readonly network: NetworkSettings;
  /** 0 never gives up. */
  readonly startupTimeoutMs: number;
  readonly probeListen: Address | undefined;
  readonly logLevel: LogLevel;
  /** Undefined is text on a terminal and JSON elsewhere. */
  readonly logFormat: LogFormat | undefined;
  /** Files and directories that nobody else may change: of keys, tokens and the cache. */
  readonly guarded: readonly GuardedPath[];
  /** What an operator should know of, one line each; nothing here stops the agent. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration (contract, section 2) from `env`; files named in it through `readTextFile`.
 *
 * @throws AgentErrors with every error there is.
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  readTextFile: ReadTextFile,
): Config {
  const reader = new EnvReader(env, readTextFile);
  const set = Object.entries(env).filter(([name]) => reader.isSet(name));
  const links = set.filter(([name, value]) => isServiceLink(name, value ?? ""));
  const named = set.map(([name]) => name).filter((name) => !links.some(([link]) => link === name));
  reader.errors.push(...unknownVariables(named));

  const source = readSource(reader);
  const token = readToken(reader);
  const { network, warnings: networkWarnings } = readNetwork(env, reader, readTextFile);
  const { telemetry, warnings: telemetryWarnings } = readTelemetry(env, readTelemetryUrl(reader));
  const config = {
    network,
    expected: {
      identity: reader.text("CLEF_AGENT_IDENTITY") ?? vcsText(source, "identity"),
      environment: reader.text("CLEF_AGENT_ENVIRONMENT") ?? vcsText(source, "environment"),
    },
    ageIdentities: readAgeIdentities(reader),
    verifyKeys: readVerifyKeys(reader),
    port: readPort(reader),
    agentId: reader.text("CLEF_AGENT_ID"),
    mode: readMode(reader),
    cachePath: reader.text("CLEF_AGENT_CACHE_PATH"),
    files: readFiles(reader),
    startupTimeoutMs:
      reader.integer("CLEF_AGENT_STARTUP_TIMEOUT", 60, isSeconds, "a number of seconds, or 0") *
      1000,
    probeListen: readProbeListen(reader),
    logLevel: reader.oneOf("CLEF_AGENT_LOG_LEVEL", ["debug", "info", "warn", "error"]) ?? "info",
    logFormat: reader.oneOf("CLEF_AGENT_LOG_FORMAT", ["json", "text"]),
  };
  reader.checkUnseen();
  if (config.mode.kind === "jit" && config.files !== undefined) {
    reader.fail(
      "config_conflict",
      "CLEF_AGENT_FILES_DIR and CLEF_AGENT_CACHE_TTL=0 are both set: just-in-time mode keeps no plaintext, and files are plaintext that is kept; remove one of them",
    );
  }
  if (reader.errors.length > 0 || source === undefined || token === undefined) {
    throw new AgentErrors(reader.errors);
  }
  return {
    ...config,
    source,
    token,
    telemetry,
    guarded: readGuarded(reader),
    warnings: [
      ...warnings(
        { ...config, source },
        token,
        links.map(([name]) => name),
      ),
      ...networkWarnings,
      ...telemetryWarnings,
    ],
  };
}

const isPort = (value: number): boolean => value >= 0 && value <= 65_535;
const isSeconds = (value: number): boolean => value >= 0;

/** The port of the listener on 127.0.0.1. */
export function readPort(reader: EnvReader): number {
  return reader.integer("CLEF_AGENT_PORT", 7779, isPort, "a port from 0 to 65535");
}

const GUARDED = [
  "CLEF_AGENT_AGE_KEY_FILE",
  "CLEF_AGENT_TOKEN_FILE",
  "CLEF_AGENT_VCS_TOKEN_FILE",
  "CLEF_AGENT_CLIENT_KEY_FILE",
  "CLEF_AGENT_CACHE_PATH",
] as const;

function readGuarded(reader: EnvReader): readonly GuardedPath[] {
  return GUARDED.flatMap((variable) => {
    const path = reader.text(variable);
    return path === undefined ? [] : [{ variable, path }];
  });
}

function vcsText(
  source: SourceConfig | undefined,
  field: "identity" | "environment",
): string | undefined {
  return source?.kind === "vcs" ? source[field] : undefined;
}

function readAgeIdentities(reader: EnvReader): readonly AgeIdentity[] {
  const text = reader.textOrFile("CLEF_AGENT_AGE_KEY", "CLEF_AGENT_AGE_KEY_FILE");
  if (text === undefined) return [];
  const name =
    reader.text("CLEF_AGENT_AGE_KEY") === undefined
      ? "CLEF_AGENT_AGE_KEY_FILE"
      : "CLEF_AGENT_AGE_KEY";
  return reader.tryTo("config_invalid", name, () => parseAgeIdentities(text)) ?? [];
}

function readVerifyKeys(reader: EnvReader): readonly VerifyKey[] {
  const text = reader.text("CLEF_AGENT_VERIFY_KEY");
  if (text === undefined) return [];
  return reader.tryTo("config_invalid", "CLEF_AGENT_VERIFY_KEY", () => parseVerifyKeys(text)) ?? [];
}

function readMode(reader: EnvReader): Mode {
  const seconds = reader.integer(
    "CLEF_AGENT_CACHE_TTL",
    300,
    (value) => value === 0 || value >= 30,
    "a number of seconds from 30 up, or 0 for just-in-time mode",
  );
  return seconds === 0 ? { kind: "jit" } : { kind: "cached", ttlMs: seconds * 1000 };
}

function readTelemetryUrl(reader: EnvReader): URL | undefined {
  const text = reader.text("CLEF_AGENT_TELEMETRY_URL");
  if (text === undefined) return undefined;
  return reader.tryTo("config_invalid", "CLEF_AGENT_TELEMETRY_URL", () => parseHttpUrl(text));
}

function readProbeListen(reader: EnvReader): Address | undefined {
  const text = reader.text("CLEF_AGENT_PROBE_LISTEN");
  if (text === undefined) return undefined;
  const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host !== undefined && isPort(Number(port))) {
    // Where localhost means ::1 first, a probe of 127.0.0.1 would find nobody.
    const address = host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
    return { host: address, port: Number(port) };
  }
  reader.fail("config_invalid", "CLEF_AGENT_PROBE_LISTEN must be host:port, such as 0.0.0.0:7780");
  return undefined;
}

function warnings(
  config: Pick<Config, "source" | "ageIdentities" | "network">,
  token: TokenConfig,
  links: readonly string[],
): readonly string[] {
  const found: string[] = [];
  if (links.length > 0) {
    found.push(
      `ignored ${links.join(", ")}: set by Kubernetes for a Service called clef-agent; rename the Service or set enableServiceLinks: false`,
    );
  }
  if (config.ageIdentities.length === 0) {
    found.push(
      "neither CLEF_AGENT_AGE_KEY_FILE nor CLEF_AGENT_AGE_KEY is set, so no artifact encrypted with age can be opened",
    );
  }
  if (config.source.kind === "vcs" && travelsInTheClear(config.source.apiUrl)) {
    found.push(
      "CLEF_AGENT_VCS_API_URL is http://, so the token travels unencrypted; use https:// if the instance has it",
    );
  }
  if (config.network.clientCertificate !== undefined && !isAskedByHttps(config.source)) {
    found.push(
      "CLEF_AGENT_CLIENT_CERT_FILE is not used: the artifact does not come from an https:// address of its own",
    );
  }
  if (token.kind === "generated") {
    found.push(
      "no token is configured, so a random one is used that no client can know; set CLEF_AGENT_TOKEN_FILE to share one",
    );
  }
  if (token.kind === "fixed") {
    const guessable = guessableToken("CLEF_AGENT_TOKEN", token.token);
    if (guessable !== undefined) found.push(guessable);
  }
  return found;
}

/** Whether the source is one that a client certificate is shown to. */
function isAskedByHttps(source: SourceConfig): boolean {
  if (source.kind === "http") return source.url.protocol === "https:";
  return source.kind === "vcs" && source.apiUrl?.protocol !== "http:";
}

/** Whether what is sent there can be read on the way. */
function travelsInTheClear(url: URL | undefined): boolean {
  return url?.protocol === "http:" && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
}

/** A configuration error that was found only once the agent was being put together. */
export function configError(name: string, problem: string): AgentError {
  return new AgentError("config_invalid", `${name}: ${problem}`);
}
