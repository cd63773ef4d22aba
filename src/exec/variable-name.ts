import { isDangerousName } from "./dangerous-names.ts";
import { folded } from "./environment.ts";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What begins so is the agent's. */
export const OF_AGENT = "CLEF_AGENT_";

/** Secrets whose keys begin so are for the agent's own telemetry, and are not handed over. */
export const OF_TELEMETRY = "CLEF_TELEMETRY_";

/**
 * Why a secret may not be set under this name (contract, section 8): it is no name of a variable, it is the
 * agent's, or it makes programs load or run something else.
 */
export function refusalOf(
  variable: string,
  platform: NodeJS.Platform,
): "invalid" | "of_agent" | "dangerous" | undefined {
  if (!NAME.test(variable)) return "invalid";
  if (folded(variable, platform).startsWith(OF_AGENT)) return "of_agent";
  return isDangerousName(variable, platform) ? "dangerous" : undefined;
}
