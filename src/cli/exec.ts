import { EnvReader } from "../config/env-reader.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { FileVariableName, VariableName } from "../config/variables.ts";
import { execLifecycle } from "../lifecycle/exec.ts";
import { newToken } from "../server/token-file.ts";
import { parseExec } from "./exec-options.ts";
import type { Command, Io } from "./io.ts";
import { runAgent } from "./run-agent.ts";

/** `clef-agent exec [OPTIONS] -- COMMAND`: runs a command with the secrets in its environment. */
export const exec: Command = async (args, io) => {
  const settings = parseExec(args, process.platform);
  const { env, exitNow } = io;
  if (settings.attached) {
    const { execAttached } = await import("./exec-attached.ts");
    return execAttached(settings, { ...io, env: { ...env, ...quiet(readerOf(env)) } });
  }
  return runAgent({ ...io, env: configured(env) }, () =>
    Promise.resolve(execLifecycle({ settings, env, exitNow })),
  );
};

/** What holds in this form where nobody says otherwise (contract, section 8). */
function configured(env: Io["env"]): Io["env"] {
  const reader = readerOf(env);
  const unset = (name: VariableName | FileVariableName): boolean => reader.text(name) === undefined;
  const needsToken = unset("CLEF_AGENT_TOKEN") && unset("CLEF_AGENT_TOKEN_FILE");
  return {
    ...env,
    ...(unset("CLEF_AGENT_PORT") ? { CLEF_AGENT_PORT: "0" } : {}),
    ...(needsToken ? { CLEF_AGENT_TOKEN: newToken() } : {}),
    ...quiet(reader),
  };
}

/** The log shares standard error with the command. */
function quiet(reader: EnvReader): Io["env"] {
  const isSaid = reader.text("CLEF_AGENT_LOG_LEVEL") !== undefined;
  return isSaid ? {} : { CLEF_AGENT_LOG_LEVEL: "warn" };
}

function readerOf(env: Io["env"]): EnvReader {
  return new EnvReader(env, readSmallFile);
}
