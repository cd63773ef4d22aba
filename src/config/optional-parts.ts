import { PLAIN_NETWORK, type NetworkSettings } from "../net/settings.ts";
import type { EnvReader, ReadTextFile } from "./env-reader.ts";
import { parseHttpUrl } from "./http-url.ts";
import { OWN_NETWORK_VARIABLES, NETWORK_VARIABLES } from "./network-variables.ts";
import type { AddedAttributes, ReadTelemetry, TelemetryConfig } from "./telemetry.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Parts of the configuration that most agents leave out. What reads them is loaded where one of their variables
 * is set: a start pays for nothing that it does not use.
 */
export async function readOptionalParts(
  env: Env,
  reader: EnvReader,
  readTextFile: ReadTextFile,
): Promise<{
  readonly network: NetworkSettings;
  readonly telemetry: TelemetryConfig | undefined;
  readonly resource: AddedAttributes;
  readonly warnings: readonly string[];
}> {
  const ofNetwork = await readNetworkIfAny(env, reader, readTextFile);
  const ofTelemetry = await readTelemetryIfAny(env, reader);
  return {
    network: ofNetwork.network,
    telemetry: ofTelemetry.telemetry,
    resource: ofTelemetry.resource,
    warnings: [...ofNetwork.warnings, ...ofTelemetry.warnings],
  };
}

/** What is exempt from proxies decides nothing where there is none; Lambda sets one of them for every extension. */
const EXEMPTIONS: ReadonlySet<string> = new Set(["no_proxy", "NO_PROXY", "AWS_LAMBDA_RUNTIME_API"]);

async function readNetworkIfAny(
  env: Env,
  reader: EnvReader,
  readTextFile: ReadTextFile,
): Promise<{ readonly network: NetworkSettings; readonly warnings: readonly string[] }> {
  const names = [...NETWORK_VARIABLES, ...OWN_NETWORK_VARIABLES].filter(
    (name) => !EXEMPTIONS.has(name),
  );
  if (!names.some((name) => reader.isSet(name))) return { network: PLAIN_NETWORK, warnings: [] };
  const { readNetwork } = await import("./network.ts");
  return readNetwork(env, reader, readTextFile);
}

async function readTelemetryIfAny(env: Env, reader: EnvReader): Promise<ReadTelemetry> {
  const url = readTelemetryUrl(reader);
  const isOtelSet = Object.keys(env).some((name) => name.startsWith("OTEL_"));
  if (url === undefined && !isOtelSet) return { telemetry: undefined, resource: {}, warnings: [] };
  const isScraped = reader.text("CLEF_AGENT_PROBE_LISTEN") !== undefined;
  const { readTelemetry } = await import("./telemetry.ts");
  return readTelemetry(env, url, isScraped);
}

function readTelemetryUrl(reader: EnvReader): URL | undefined {
  const text = reader.text("CLEF_AGENT_TELEMETRY_URL");
  if (text === undefined) return undefined;
  return reader.tryTo("config_invalid", "CLEF_AGENT_TELEMETRY_URL", () => parseHttpUrl(text));
}
