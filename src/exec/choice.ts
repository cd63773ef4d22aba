import type { Entry } from "../store/payload-index.ts";
import { matches } from "./pattern.ts";
import type { Choice } from "./settings.ts";
import { OF_TELEMETRY } from "./variable-name.ts";

/** A secret, and the name of the variable that it is set as. */
export interface Chosen {
  readonly variable: string;
  readonly entry: Entry;
}

export interface Choosing {
  readonly chosen: readonly Chosen[];
  /** Names in `--map` that no secret has. */
  readonly missing: readonly string[];
  /** Options that no secret answers to, as they were written. */
  readonly idle: readonly string[];
}

/**
 * Chooses secrets and names them (contract, section 8): what `--map` names is set under its name alone,
 * whatever the other options say.
 */
export function choose(entries: readonly Entry[], choice: Choice): Choosing {
  const ours = entries.filter(({ key }) => !key.startsWith(OF_TELEMETRY));
  const byName = new Map(ours.map((entry) => [entry.name, entry]));
  const mapped = choice.maps.flatMap(({ name, variable }) => {
    const entry = byName.get(name);
    return entry === undefined ? [] : [{ variable, entry }];
  });
  const mappedNames = new Set(choice.maps.map(({ name }) => name));
  const named = ours
    .filter((entry) => !mappedNames.has(entry.name) && isIn(entry, choice.namespaces))
    .map((entry) => ({ variable: variableOf(entry, choice), entry }));
  const matching = named.filter(
    ({ variable }) =>
      choice.only.length === 0 || choice.only.some((pattern) => matches(pattern, variable)),
  );
  return {
    chosen: [...matching, ...mapped],
    missing: choice.maps.map(({ name }) => name).filter((name) => !byName.has(name)),
    idle: [
      ...choice.namespaces
        .filter((namespace) => !ours.some((entry) => entry.namespace === namespace))
        .map((namespace) => `--namespace ${namespace}`),
      ...choice.only
        .filter((pattern) => !named.some(({ variable }) => matches(pattern, variable)))
        .map((pattern) => `--only ${pattern}`),
    ],
  };
}

function isIn({ namespace }: Entry, namespaces: readonly string[]): boolean {
  return namespaces.length === 0 || namespace === undefined || namespaces.includes(namespace);
}

function variableOf(entry: Entry, { namespaces, shellNames }: Choice): string {
  const name = namespaces.length === 0 ? entry.name : entry.key;
  return shellNames ? name.toUpperCase().replaceAll(/[-.]/g, "_") : name;
}
