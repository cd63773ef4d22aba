import { createHmac, randomBytes } from "node:crypto";
import { AgentError } from "../errors.ts";
import { ENVIRONMENT_STRING_MAX_BYTES } from "../limits.ts";
import type { PayloadIndex } from "../store/payload-index.ts";
import { stringBytes } from "../store/json-string.ts";
import { choose, type Chosen, type Choosing } from "./choice.ts";
import type { Handed } from "./environment.ts";
import { nameProblems } from "./names.ts";
import type { ExecSettings } from "./settings.ts";
import { quoted } from "./quoted.ts";

/** The secrets as they are read: a snapshot, or what an agent answered that runs already. */
export interface Secrets {
  readonly index: PayloadIndex;
  /** The payload as it was packed. */
  readonly nested: Uint8Array;
  /** Undefined where it is not known. */
  readonly revision?: string;
}

/** A set of secrets as it would be handed over; the caller wipes it. */
export interface HandOver {
  /** By variable, in the order of their names. */
  readonly handed: readonly Handed[];
  readonly problems: readonly AgentError[];
  readonly choosing: Choosing;
}

/**
 * Reads the secrets that are chosen, and says all that keeps them from being handed over. What is not
 * handed over, with `--no-env`, need not be fit for an environment.
 *
 * @param isTaken - whether a variable keeps the value that it has.
 */
export function readHandOver(
  secrets: Secrets,
  settings: Pick<ExecSettings, "choice" | "allowedNames" | "handsOver">,
  isTaken: (variable: string) => boolean,
  platform: NodeJS.Platform,
): HandOver {
  const choosing = choose(secrets.index.entries, settings.choice);
  const problems = settings.handsOver
    ? [...nameProblems(choosing.chosen, settings.allowedNames, platform)]
    : [];
  const handed: Handed[] = [];
  for (const each of choosing.chosen.toSorted(byVariable)) {
    if (settings.handsOver && isTaken(each.variable)) continue;
    const value = stringBytes(secrets.nested, each.entry.value);
    const problem = settings.handsOver ? valueProblem(each, value) : undefined;
    if (problem !== undefined) problems.push(problem);
    if (value !== undefined) handed.push({ variable: each.variable, value });
  }
  return { handed, problems, choosing };
}

export function wipe(handed: readonly Handed[]): void {
  for (const { value } of handed) value.fill(0);
}

/** Tells one set from another under a key of this process, so that none has to be kept for it. */
export function digester(): (handed: readonly Handed[]) => string {
  const key = randomBytes(32);
  return (handed) => {
    const hmac = createHmac("sha256", key);
    for (const { variable, value } of handed) {
      // Lengths first: no two sets can read alike.
      hmac.update(`${Buffer.byteLength(variable)}:${variable}${value.length}:`).update(value);
    }
    return hmac.digest("base64");
  };
}

function valueProblem(
  { variable, entry }: Chosen,
  value: Buffer | undefined,
): AgentError | undefined {
  const who = quoted(entry.name);
  if (value === undefined) {
    return new AgentError(
      "environment_value_invalid",
      `${who} holds half of a surrogate pair, which is no text; pack it again, or leave it out with --only`,
    );
  }
  if (value.includes(0)) {
    return new AgentError(
      "environment_value_invalid",
      `${who} holds a NUL byte, which no environment can hold; hand it over as a file or by HTTP, and leave it out with --only`,
    );
  }
  // The system counts the name, the equals sign and the NUL at the end with the value (execve(2)).
  const bytes = Buffer.byteLength(variable) + 1 + value.length;
  if (bytes < ENVIRONMENT_STRING_MAX_BYTES) return undefined;
  return new AgentError(
    "environment_too_large",
    `${who} takes ${bytes} bytes with its name, where an environment takes less than ${ENVIRONMENT_STRING_MAX_BYTES}; hand it over as a file or by HTTP, and leave it out with --only`,
  );
}

function byVariable(a: Chosen, b: Chosen): number {
  if (a.variable !== b.variable) return a.variable < b.variable ? -1 : 1;
  return a.entry.name < b.entry.name ? -1 : 1;
}
