import { AgentError } from "../errors.ts";
import type { Chosen } from "./choice.ts";
import { folded } from "./environment.ts";
import { quoted } from "./quoted.ts";
import { OF_AGENT, refusalOf } from "./variable-name.ts";

/** All that keeps secrets from being set under the names that were chosen (contract, section 8). */
export function nameProblems(
  chosen: readonly Chosen[],
  allowed: readonly string[],
  platform: NodeJS.Platform,
): readonly AgentError[] {
  const single = chosen.flatMap((each) => problemOf(each, allowed, platform) ?? []);
  const groups = Map.groupBy(chosen, ({ variable }) => folded(variable, platform));
  const clashes = [...groups.values()].filter((group) => group.length > 1).map(clash);
  return [...single, ...clashes];
}

function problemOf(
  { variable, entry }: Chosen,
  allowed: readonly string[],
  platform: NodeJS.Platform,
): AgentError | undefined {
  const who = quoted(entry.name);
  switch (refusalOf(variable, platform)) {
    case "invalid": {
      const as = variable === entry.name ? "" : ` as ${quoted(variable)}`;
      return new AgentError(
        "environment_name_invalid",
        `${who} cannot be set${as}, which is no name of a variable; give it one with --map ${entry.name}=NAME, or try --shell-names`,
      );
    }
    case "of_agent":
      return new AgentError(
        "environment_name_refused",
        `${who} would be set as ${variable}: names that begin with ${OF_AGENT} are the agent's; give it another with --map ${entry.name}=NAME`,
      );
    case "dangerous":
      if (allowed.includes(variable)) return undefined;
      return new AgentError(
        "environment_name_refused",
        `${who} would be set as ${variable}, which makes programs load or run something else; give it another name with --map ${entry.name}=NAME, or let it through with --allow-name ${variable}`,
      );
    case undefined:
      return undefined;
  }
}

function clash(group: readonly Chosen[]): AgentError {
  const [first] = group;
  const names = group.slice(0, 5).map(({ entry }) => quoted(entry.name));
  return new AgentError(
    "environment_name_conflict",
    `${names.join(" and ")} would both be set as ${quoted(first?.variable ?? "")}; choose with --namespace or --only, or name one with --map`,
  );
}
