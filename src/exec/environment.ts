/** One secret on its way to the command, still as bytes. */
export interface Handed {
  readonly variable: string;
  readonly value: Buffer;
}

export type Environment = Readonly<Record<string, string>>;

/** What the agent is configured and signs with; none of it is the command's. */
const KEPT_BACK = ["CLEF_AGENT_", "CLEF_SIGNING_"] as const;

/** What stays with `--clear-env`, beside `LC_…`. */
const KEPT: ReadonlySet<string> = new Set(["PATH", "HOME", "USER", "LANG", "TERM", "TZ", "TMPDIR"]);

/** The name as the system compares it: on Windows case does not matter. */
export function folded(name: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? name.toUpperCase() : name;
}

/** What the command gets of the agent's own environment (contract, section 8). */
export function inheritedBy(
  env: Readonly<Record<string, string | undefined>>,
  clearEnv: boolean,
  platform: NodeJS.Platform,
): Environment {
  const stays = (name: string): boolean => {
    const plain = folded(name, platform);
    if (KEPT_BACK.some((prefix) => plain.startsWith(prefix))) return false;
    return !clearEnv || KEPT.has(plain) || plain.startsWith("LC_");
  };
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && stays(name) ? [[name, value]] : [],
    ),
  );
}

/** What stays of one environment beside variables of these names. */
export function beside(
  environment: Environment,
  names: readonly string[],
  platform: NodeJS.Platform,
): Environment {
  const replaced = new Set(names.map((name) => folded(name, platform)));
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !replaced.has(folded(name, platform))),
  );
}

/**
 * The command's environment. The one place where secrets become strings, which nothing can wipe, so what
 * this returns is kept no longer than it takes to start the command.
 */
export function environmentOf(rest: Environment, handed: readonly Handed[]): Environment {
  // Not by assignment, which would lose a secret called __proto__.
  return Object.fromEntries([
    ...Object.entries(rest),
    ...handed.map(({ variable, value }): [string, string] => [variable, value.toString("utf8")]),
  ]);
}
