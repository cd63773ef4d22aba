import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import {
  CAPABILITIES,
  type Capability,
  type FoundCase,
  isCapability,
  isChapter,
  titleOf,
} from "./case.ts";

export interface Options {
  /** The command line that starts the agent; empty with `list` alone. */
  readonly command: readonly string[];
  readonly list: boolean;
  readonly only: readonly string[];
  readonly without: ReadonlySet<Capability>;
  readonly jobs: number;
  /** Seconds for one case, beside what it waits on purpose. */
  readonly timeLimit: number;
}

/** What was asked for cannot be done; the message says what to write instead. */
export class UsageError extends Error {}

export const USAGE = `Usage: clef-agent-conformance [OPTIONS] -- COMMAND [ARG]...

Tries an agent, started as COMMAND [ARG]..., against every rule of the specification.

  --list                 say which cases there are, and run nothing
  --only WHAT            a chapter, a rule or a part of a case's title; repeatable
  --without LIST         what the agent does not claim to do, with commas between:
${Object.entries(CAPABILITIES)
  .map(([name, what]) => `      ${name.padEnd(18)} ${what}`)
  .join("\n")}
  --jobs N               cases at once, ${defaultJobs()} without it
  --time-limit SECONDS   for one case, 60 without it
  --help

Results are TAP on standard output, with a table by chapter at the end.
Exit codes: 0 all passed, 1 some failed, 2 wrong usage.
`;

/** @returns undefined where help was asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
  const dashes = args.indexOf("--");
  const mine = dashes === -1 ? args : args.slice(0, dashes);
  const { values } = parsed(mine);
  if (values.help === true) return undefined;
  const command = dashes === -1 ? [] : args.slice(dashes + 1);
  const list = values.list === true;
  if (command.length === 0 && !list) throw new UsageError("there is no COMMAND after --");
  return {
    command,
    list,
    only: values.only ?? [],
    without: capabilities(values.without ?? []),
    jobs: wholeNumber("--jobs", values.jobs) ?? defaultJobs(),
    timeLimit: wholeNumber("--time-limit", values["time-limit"]) ?? 60,
  };
}

export function isChosen(found: FoundCase, only: readonly string[]): boolean {
  return (
    only.length === 0 ||
    only.some((what) => [found.chapter, found.rule].includes(what) || isPart(what, found))
  );
}

function isPart(what: string, found: FoundCase): boolean {
  // A rule is named whole: F-1 is not F-11. A chapter is not a word in a title.
  return !/^[A-Z]-\d+$/.test(what) && !isChapter(what) && titleOf(found).includes(what);
}

function parsed(args: readonly string[]): {
  readonly values: {
    readonly help?: boolean;
    readonly list?: boolean;
    readonly only?: string[];
    readonly without?: string[];
    readonly jobs?: string;
    readonly "time-limit"?: string;
  };
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean" },
        list: { type: "boolean" },
        only: { type: "string", multiple: true },
        without: { type: "string", multiple: true },
        jobs: { type: "string" },
        "time-limit": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function capabilities(lists: readonly string[]): ReadonlySet<Capability> {
  const names = lists.flatMap((list) => list.split(",")).map((name) => name.trim());
  return new Set(
    names.map((name) => {
      if (isCapability(name)) return name;
      const known = Object.keys(CAPABILITIES).join(", ");
      throw new UsageError(`--without ${name}: there is no such capability; one of ${known}`);
    }),
  );
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError(`${option} needs a whole number above 0`);
  return Number(text);
}

/** A case mostly waits: for a process to start, for a time to be over. */
function defaultJobs(): number {
  return 4 * availableParallelism();
}
