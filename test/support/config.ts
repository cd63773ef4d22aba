import assert from "node:assert/strict";
import { type Config, parseConfig } from "../../src/config/config.ts";
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
export function configured(env: Env = {}, files: Env = {}): Config {
  return parseConfig({ CLEF_AGENT_SOURCE: "/artifact.json", ...env }, filesOf(files));
}

/** All that is wrong with `env`; something must be. */
export function configErrors(env: Env, files: Env = {}): readonly AgentError[] {
  try {
    parseConfig({ CLEF_AGENT_SOURCE: "/artifact.json", ...env }, filesOf(files));
  } catch (error) {
    assert.ok(error instanceof AgentErrors);
    return error.errors;
  }
  throw new assert.AssertionError({ message: "the configuration has no error" });
}

/** The one error of `env`, as `code: message`. */
export function configError(env: Env, files: Env = {}): string {
  const errors = configErrors(env, files);
  assert.deepEqual(
    errors.slice(1).map((error) => error.message),
    [],
  );
  return `${errors[0]?.code}: ${errors[0]?.message}`;
}
