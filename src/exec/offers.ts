import { readFileSync } from "node:fs";
import { AgentError } from "../errors.ts";
import { EXEC_PROBLEMS_SHOWN } from "../limits.ts";
import type { Log } from "../telemetry/log.ts";
import { beside, type Environment, folded, type Handed, inheritedBy } from "./environment.ts";
import { execveLimit, sizeProblem } from "./execve-limit.ts";
import { digester, readHandOver, type Secrets } from "./hand-over.ts";
import { quoted } from "./quoted.ts";
import type { ExecSettings } from "./settings.ts";

/** A set that can be handed over; whoever asked for it wipes `handed`. */
export interface Offer {
  readonly kind: "offer";
  readonly digest: string;
  /** The secrets for the environment; none with `--no-env`. */
  readonly handed: readonly Handed[];
  /** What stands in the environment beside them. */
  readonly rest: Environment;
  readonly revision: string | undefined;
}

export interface Refused {
  readonly kind: "refused";
  readonly problems: readonly AgentError[];
}

export interface OffersOptions {
  readonly settings: ExecSettings;
  /** The agent's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** Makes of the secrets that are served what the command would get. */
export class Offers {
  readonly #settings: ExecSettings;
  readonly #inherited: Environment;
  readonly #taken: ReadonlySet<string>;
  readonly #limit: number;
  readonly #digest = digester();
  readonly #log: Log;
  #first = true;

  constructor({ settings, env, log }: OffersOptions) {
    const { platform } = process;
    this.#settings = settings;
    this.#log = log;
    this.#inherited = inheritedBy(env, settings.clearEnv, platform);
    const names = settings.preserveEnv ? Object.keys(this.#inherited) : [];
    this.#taken = new Set(names.map((name) => folded(name, platform)));
    this.#limit = execveLimit(platform, processLimits());
  }

  /** @param address - where the command finds an agent. */
  read(secrets: Secrets, address: Environment): Offer | Refused {
    const { command, handsOver } = this.#settings;
    const isTaken = (name: string): boolean => this.#taken.has(folded(name, process.platform));
    const read = readHandOver(secrets, this.#settings, isTaken, process.platform);
    const { choosing } = read;
    const handed = handsOver ? read.handed : [];
    const variables = handed.map(({ variable }) => variable);
    const rest = { ...beside(this.#inherited, variables, process.platform), ...address };
    const problems = [...this.#missing(choosing.missing), ...read.problems];
    const tooLarge = sizeProblem(command, rest, handed, this.#limit);
    if (tooLarge !== undefined && problems.length === 0) problems.push(tooLarge);
    if (this.#first) this.#tellIdle(choosing.idle);
    this.#first = false;
    const digest = this.#digest(read.handed);
    if (!handsOver || problems.length > 0) for (const { value } of read.handed) value.fill(0);
    if (problems.length > 0) return { kind: "refused", problems: shortened(problems) };
    return { kind: "offer", digest, handed, rest, revision: secrets.revision };
  }

  /** What `--map` names is there at the start, or it is a mistake; later it may have been taken away. */
  #missing(names: readonly string[]): readonly AgentError[] {
    if (this.#first) return names.map(notFound);
    for (const name of names) this.#log.warn(notFound(name).message, { code: "secret_not_found" });
    return [];
  }

  #tellIdle(options: readonly string[]): void {
    for (const option of options) this.#log.warn(`no secret matches ${option}`);
  }
}

function notFound(name: string): AgentError {
  return new AgentError(
    "secret_not_found",
    `--map names ${quoted(name)}, and there is no secret of that flat name; GET /v1/keys lists them`,
  );
}

function shortened(problems: readonly AgentError[]): readonly AgentError[] {
  if (problems.length <= EXEC_PROBLEMS_SHOWN) return problems;
  const shown = problems.slice(0, EXEC_PROBLEMS_SHOWN);
  const code = problems[EXEC_PROBLEMS_SHOWN]?.code ?? "environment_name_invalid";
  const more = problems.length - shown.length;
  return [...shown, new AgentError(code, `and ${more} more secrets cannot be handed over`)];
}

function processLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return undefined;
  }
}
