import { AgentErrors } from "../errors.ts";
import type { Config, GuardedPath, Mode } from "./config.ts";
import { EnvReader, type ReadTextFile } from "./env-reader.ts";
import { readFiles } from "./files.ts";
import { readAgeIdentities, readVerifyKeys } from "./keys.ts";
import { readListening, readProbeListen } from "./listeners.ts";
import { readOptionalParts } from "./optional-parts.ts";
import { readSource, type SourceConfig } from "./source.ts";
import { readStart } from "./start.ts";
import { readToken } from "./token.ts";
import { isServiceLink, unknownVariables } from "./unknown.ts";
import { configWarnings } from "./warnings.ts";

/**
 * Reads the configuration (contract, section 2) from `env`; files named in it through `readTextFile`.
 *
 * @throws AgentErrors with every error there is.
 */
export async function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  readTextFile: ReadTextFile,
): Promise<Config> {
  const reader = new EnvReader(env, readTextFile);
  const set = Object.entries(env).filter(([name]) => reader.isSet(name));
  const links = set.filter(([name, value]) => isServiceLink(name, value ?? ""));
  const named = set.map(([name]) => name).filter((name) => !links.some(([link]) => link === name));
  reader.errors.push(...unknownVariables(named));

  const source = await readSource(reader);
  const token = readToken(reader);
  const { warnings, ...optional } = await readOptionalParts(env, reader, readTextFile);
  const settings = {
    ...optional,
    expected: {
      identity: reader.text("CLEF_AGENT_IDENTITY") ?? vcsText(source, "identity"),
      environment: reader.text("CLEF_AGENT_ENVIRONMENT") ?? vcsText(source, "environment"),
    },
    ageIdentities: readAgeIdentities(reader),
    verifyKeys: readVerifyKeys(reader),
    ...readListening(reader),
    agentId: reader.text("CLEF_AGENT_ID"),
    mode: readMode(reader),
    cachePath: reader.text("CLEF_AGENT_CACHE_PATH"),
    files: readFiles(reader),
    ...readStart(reader),
    probeListen: readProbeListen(reader),
  };
  reader.checkMisplacedKeys();
  reader.checkUnseen();
  if (settings.mode.kind === "jit" && settings.files !== undefined) {
    reader.fail(
      "config_conflict",
      "CLEF_AGENT_FILES_DIR and CLEF_AGENT_CACHE_TTL=0 are both set: just-in-time mode keeps no plaintext, and files are plaintext that is kept; remove one of them",
    );
  }
  if (reader.errors.length > 0 || source === undefined || token === undefined) {
    throw new AgentErrors(reader.errors);
  }
  const config = { ...settings, source, token };
  const ignored = links.map(([name]) => name);
  return {
    ...config,
    guarded: readGuarded(reader),
    warnings: [...configWarnings(config, ignored), ...warnings],
  };
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

function readMode(reader: EnvReader): Mode {
  const seconds = reader.integer(
    "CLEF_AGENT_CACHE_TTL",
    300,
    (value) => value === 0 || value >= 30,
    "a number of seconds from 30 up, or 0 for just-in-time mode",
  );
  return seconds === 0 ? { kind: "jit" } : { kind: "cached", ttlMs: seconds * 1000 };
}
