import { NAMES_OF_LANGUAGES } from "./dangerous-names-of-languages.ts";
import { NAMES_OF_TOOLS } from "./dangerous-names-of-tools.ts";
import { folded } from "./environment.ts";
import { matches } from "./pattern.ts";

/**
 * Names that make programs load or run something else than what was asked for (contract, section 8). `*` stands
 * for any text. The list is closed: docs/exec.md shows it, and only a new version changes it.
 */
export const DANGEROUS_NAMES: Readonly<Record<string, readonly string[]>> = {
  ...NAMES_OF_TOOLS,
  ...NAMES_OF_LANGUAGES,
};

/** Whether the name is one of the list; on Windows, where case does not matter, in any case. */
export function isDangerousName(name: string, platform: NodeJS.Platform): boolean {
  return ALL.some((listed) => matches(folded(listed, platform), folded(name, platform)));
}

const ALL: readonly string[] = Object.values(DANGEROUS_NAMES).flat();
