import assert from "node:assert/strict";
import type { Config } from "../../src/config/config.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import type { SourceConfig } from "../../src/config/source.ts";
import { type AgentError, AgentErrors } from "../../src/errors.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** Files by path, as a reader of files; others do not exist. */
export function filesOf(files: Env = {}): (path: string) => string {
  return (path) => {
    const text = files[path];
    if (text === undefined) throw new Error("the file does not exist");
    return text;
  };
}

/** The configuration of `env`, which names a file as its source unless it says otherwise. */
export function configured(env: Env = {}, files: Env = {}): Promise<Config> {
  return parseConfig({ CLEF_AGENT_SOURCE: "/artifact.json", ...env }, filesOf(files));
}

/** The source that a location names. @throws AgentErrors for one that names none. */
export async function sourceAt(location: string): Promise<SourceConfig> {
  return (await configured({ CLEF_AGENT_SOURCE: location })).source;
}

/** All that is wrong with `env`; something must be. */
export async function configErrors(env: Env, files: Env = {}): Promise<readonly AgentError[]> {
  try {
    await parseConfig({ CLEF_AGENT_SOURCE: "/artifact.json", ...env }, filesOf(files));
  } catch (error) {
    assert.ok(error instanceof AgentErrors);
    return error.errors;
  }
  throw new assert.AssertionError({ message: "the configuration has no error" });
}

/** The one error of `env`, as `code: message`. */
export async function configError(env: Env, files: Env = {}): Promise<string> {
  const errors = await configErrors(env, files);
  assert.deepEqual(
    errors.slice(1).map((error) => error.message),
    [],
  );
  return `${errors[0]?.code}: ${errors[0]?.message}`;
}
