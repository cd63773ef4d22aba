import { invalid } from "./invalid.ts";

/** Blank, or a comment. */
const NOTHING = /[ \t]*(?:\n|$)|#[^\n]*(?:\n|$)/y;
const NAME = /(?:export )?([A-Za-z_][A-Za-z0-9_]*)=/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const DOUBLE_QUOTED = /"([^"]*)"/y;
/** What means itself in an assignment of a shell; nothing that is ASCII and not named here. */
const BARE = /(?:[\w./:@%+,=^!?*[\]{}-]|[^\p{ASCII}\p{Z}\p{C}])*/uy;
/** `export` is a command, whose arguments a shell expands. */
const EXPORTED_BARE = /(?:[\w./:@%+,=^-]|[^\p{ASCII}\p{Z}\p{C}])*/uy;
const END = /[ \t]*(?:\n|$)|[ \t]+#[^\n]*(?:\n|$)/y;

/** What Bash sets by itself or does not let anybody set, what starts like `export`, and no JavaScript name. */
const TAKEN =
  /^(?:_|E?UID|PPID|GROUPS|SHELLOPTS|BASHOPTS|BASHPID|BASH_\w+|DIRSTACK|FUNCNAME|S?RANDOM|SECONDS|EPOCH(?:SECONDS|REALTIME)|LINENO|HISTCMD|OPTIND|COMP_\w+|PIPESTATUS|export\w*|__proto__)$/;

/** Line ends that some readers know and others do not, and what a shell drops. */
const UNSEEN = /(?!\t|\n)[\p{Cc}\u2028\u2029]/u;

const ELSE = "or give the secrets as JSON or YAML";

interface Found {
  readonly line: number;
  readonly problem: string;
}

/**
 * Reads a dotenv file, in its order. There is no standard, so only what a POSIX shell, Node.js, motdotla's
 * dotenv, python-dotenv and Docker Compose all read alike is taken, and all else is refused: a packer must
 * not guess what a secret is.
 *
 * @throws AgentError `input_invalid` with the numbers of the lines and how to write the first of them.
 */
export function readDotenv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const lines = new Map<string, number>();
  const found: Found[] = [];
  for (let at = 0; at < text.length;) {
    const nothing = match(NOTHING, text, at);
    const line = lineOf(text, at);
    const read = nothing === undefined ? readAssignment(text, at) : undefined;
    at = nothing?.end ?? read?.end ?? text.length;
    if (read === undefined) continue;
    const { name, value, problem } = read;
    const first = name === undefined ? undefined : lines.get(name);
    if (problem !== undefined) found.push({ line, problem });
    else if (first !== undefined) {
      found.push({ line, problem: `it has the same name as line ${first}; keep one of the two` });
    } else if (name !== undefined) {
      values.set(name, value);
      lines.set(name, line);
    }
  }
  const unseen = UNSEEN.exec(text);
  if (unseen !== null)
    found.unshift({ line: lineOf(text, unseen.index), problem: unseenProblem(unseen[0]) });
  refuse(found);
  return values;
}

interface Assignment {
  readonly name: string | undefined;
  readonly value: string;
  readonly problem: string | undefined;
  /** Where the next line starts. */
  readonly end: number;
}

function readAssignment(text: string, start: number): Assignment {
  const lineEnd = endOfLine(text, start);
  const refused = (problem: string, end = lineEnd): Assignment => ({
    name: undefined,
    value: "",
    problem,
    end,
  });
  if (/[ \t]/.test(text.charAt(start))) return refused("it is indented; let it begin at the left");
  const named = match(NAME, text, start);
  if (named === undefined) return refused(nameProblem(text.slice(start, lineEnd)));
  const [head, name = ""] = named.groups;
  if (TAKEN.test(name))
    return refused(`its name has a meaning of its own for some readers; choose another, ${ELSE}`);
  const quote = text[named.end];
  const isQuoted = quote === "'" || quote === '"';
  const bare = head?.includes("export ") === true ? EXPORTED_BARE : BARE;
  const read = match(
    quote === "'" ? SINGLE_QUOTED : isQuoted ? DOUBLE_QUOTED : bare,
    text,
    named.end,
  );
  if (read === undefined) return refused("its quote is never closed", text.length);
  const after = match(END, text, read.end);
  if (after === undefined) {
    return refused(isQuoted ? AFTER_QUOTE : NOT_BARE, endOfLine(text, read.end));
  }
  if (read.end === named.end && (text.charAt(read.end) !== "\n" || head?.startsWith("export"))) {
    return refused(EMPTY);
  }
  const value = read.groups[1] ?? (isQuoted ? "" : (read.groups[0] ?? ""));
  const problem = isQuoted ? quotedProblem(quote, value) : undefined;
  return problem === undefined
    ? { name, value, problem, end: after.end }
    : refused(problem, after.end);
}

const AFTER_QUOTE = `something follows its closing quote; write the value in one pair of quotes, ${ELSE}`;
const EMPTY = `its value is empty, which readers see in different ways; write '' for it`;
const NOT_BARE = `its value holds white space, a quote, #, $, a backslash or something else that readers take in different ways; write it in single quotes, in double ones if it has a single quote in it, ${ELSE} (what sops wrote: --format sops-dotenv)`;

/** python-dotenv expands `${…}` and takes backslashes before a quote or another backslash, whatever the quotes. */
function quotedProblem(quote: "'" | '"', value: string): string | undefined {
  if (quote === "'") {
    return /\$\{|\\\\|\\$/.test(value)
      ? `its value has a \${, two backslashes or a backslash at the end, which readers take in different ways even in single quotes; give the secrets as JSON or YAML`
      : undefined;
  }
  return /[$`\\]/.test(value)
    ? `its value has a $, a backslash or a backtick in double quotes, which readers take in different ways; write it in single quotes, ${ELSE}`
    : undefined;
}

function nameProblem(line: string): string {
  if (!line.includes("=")) return "it has no =; write NAME=value, or # before a comment";
  return /^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]+=/.test(line)
    ? "there is white space before its =; write NAME=value"
    : `it does not begin with a name of letters, digits and _ and a =; write NAME=value, ${ELSE}`;
}

function unseenProblem(character: string): string {
  return character === "\r"
    ? "it ends with a carriage return, which a shell takes for a part of the value; save the file with Unix line ends"
    : `it has a control character, which readers take in different ways; give the secrets as JSON or YAML`;
}

/** @throws AgentError for the first of these lines, with the numbers of a few more. */
function refuse(found: readonly Found[]): void {
  const [first, ...others] = found;
  if (first === undefined) return;
  const numbers = [...new Set(others.map(({ line }) => line))].filter(
    (line) => line !== first.line,
  );
  const shown = numbers.slice(0, 10).join(", ");
  const more = numbers.length > 10 ? ` and ${numbers.length - 10} more` : "";
  const rest = numbers.length === 0 ? "" : `; lines refused as well: ${shown}${more}`;
  throw invalid(`line ${first.line}: ${first.problem}${rest}`);
}

function match(
  pattern: RegExp,
  text: string,
  at: number,
): { readonly groups: readonly (string | undefined)[]; readonly end: number } | undefined {
  pattern.lastIndex = at;
  const groups = pattern.exec(text);
  return groups === null ? undefined : { groups, end: pattern.lastIndex };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let from = text.indexOf("\n"); from !== -1 && from < at; from = text.indexOf("\n", from + 1))
    line++;
  return line;
}
