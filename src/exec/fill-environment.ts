import { type Client, connect } from "../client/index.ts";
import { folded } from "./environment.ts";
import { OF_TELEMETRY, refusalOf } from "./variable-name.ts";

/**
 * Not part of `clef-agent exec`: for an application that asks an agent when it starts.
 *
 * Sets all secrets of an agent as variables, by their flat names, once it is ready. A secret wins over a variable
 * that is set already, as with `exec`.
 *
 * @returns what keeps them from being set, one line each; nothing is set then.
 * @throws ClientError
 */
export async function fillEnvironment(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  agent: Pick<Client, "ready" | "getAll"> = connect({ env }),
): Promise<readonly string[]> {
  await agent.ready();
  const secrets = Object.entries(await agent.getAll()).filter(([name]) => !isOfTelemetry(name));
  const names = secrets.map(([name]) => folded(name, platform));
  const problems = secrets.flatMap(([name, value], index) => {
    const isTwice = names.indexOf(names[index] ?? "") !== index;
    const problem = isTwice ? "another differs in case alone" : problemOf(name, value, platform);
    return problem === undefined ? [] : [`the secret ${JSON.stringify(name)}: ${problem}`];
  });
  if (problems.length === 0) {
    for (const [name, value] of secrets) env[name] = value;
  }
  return problems;
}

/** @param name - flat, so that a namespace may stand before the key. */
function isOfTelemetry(name: string): boolean {
  return name.startsWith(OF_TELEMETRY) || name.includes(`__${OF_TELEMETRY}`);
}

function problemOf(name: string, value: string, platform: NodeJS.Platform): string | undefined {
  switch (refusalOf(name, platform)) {
    case "invalid":
      return "this is no name of a variable; exec with --map or --shell-names can give it one";
    case "of_agent":
      return "names that begin with CLEF_AGENT_ are the agent's";
    case "dangerous":
      return "this name makes programs load or run something else; exec with --map can give it another";
    case undefined:
      return value.includes("\0") || !value.isWellFormed()
        ? "no environment can hold its value"
        : undefined;
  }
}
