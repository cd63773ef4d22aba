import { ClientError } from "../client/error.ts";
import { settingsOf, type Settings } from "../client/settings.ts";
import { AgentErrors } from "../errors.ts";
import { EnvReader, type ReadTextFile } from "./env-reader.ts";
import { readStart, type StartConfig } from "./start.ts";
import { isServiceLink, unknownVariables } from "./unknown.ts";
import { KNOWN_NAMES } from "./variables.ts";

/** What `exec --agent` is configured by: where an agent runs already, and what holds for this process. */
export interface AttachedConfig extends StartConfig {
  readonly agent: Settings;
}

/** The others belong to an agent of its own, and to take no notice of them would promise what nobody does. */
const TAKEN: ReadonlySet<string> = new Set([
  "CLEF_AGENT_URL",
  "CLEF_AGENT_SOCKET",
  "CLEF_AGENT_TOKEN",
  "CLEF_AGENT_TOKEN_FILE",
  "CLEF_AGENT_STARTUP_TIMEOUT",
  "CLEF_AGENT_LOG_LEVEL",
  "CLEF_AGENT_LOG_FORMAT",
  // These do no harm, and the containers of a pod often have the same.
  "CLEF_AGENT_ID",
  "CLEF_AGENT_PORT",
  "CLEF_AGENT_SOCKET_MODE",
]);

/** @throws AgentErrors with every error there is. */
export function parseAttachedConfig(
  env: Readonly<Record<string, string | undefined>>,
  readTextFile: ReadTextFile,
): AttachedConfig {
  const reader = new EnvReader(env, readTextFile);
  const named = Object.entries(env)
    .filter(([name, value]) => reader.isSet(name) && !isServiceLink(name, value ?? ""))
    .map(([name]) => name);
  reader.errors.push(...unknownVariables(named));
  for (const name of named.filter((one) => KNOWN_NAMES.has(one) && !TAKEN.has(one))) {
    reader.fail(
      "config_conflict",
      `${name} is for an agent of its own, and exec --agent takes the secrets of one that runs already; remove the variable or the option`,
    );
  }
  const start = readStart(reader);
  const agent = readAgent(env, reader);
  reader.checkMisplacedKeys();
  reader.checkUnseen();
  if (reader.errors.length > 0 || agent === undefined) throw new AgentErrors(reader.errors);
  return { ...start, agent };
}

function readAgent(
  env: Readonly<Record<string, string | undefined>>,
  reader: EnvReader,
): Settings | undefined {
  try {
    return settingsOf({ env });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    reader.fail("config_invalid", error.message);
    return undefined;
  }
}
