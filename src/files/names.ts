import { AgentError } from "../errors.ts";
import { FILE_NAME_MAX_BYTES } from "../limits.ts";
import type { Entry } from "../store/payload-index.ts";

/** A file of the set: its name, or its directory and its name. */
export type FilePath = readonly [name: string] | readonly [directory: string, name: string];

/** Names that a message shows; a set can have thousands that are wrong in the same way. */
const NAMES_SHOWN = 5;

/** The file of one secret in the format `keys`: `KEY`, or `<namespace>/KEY`. */
export function pathOf({ namespace, key }: Entry): FilePath {
  return namespace === undefined ? [key] : [namespace, key];
}

/**
 * Checks that every path can be a file in the agent's directory and that no two are one.
 *
 * @throws AgentError `files_name` that says which cannot (contract, section 9).
 */
export function checkPaths(paths: readonly FilePath[]): void {
  const wrong = paths.filter((path) => path.some((name) => problemOf(name) !== undefined));
  const [first] = wrong;
  if (first !== undefined) {
    const problem = first.map(problemOf).find((each) => each !== undefined) ?? "";
    const names = listOf(wrong.map((path) => path.join("/")));
    throw refused(`${names} cannot be a file name: ${problem}`);
  }
  const directories = new Set(paths.flatMap(([top, name]) => (name === undefined ? [] : [top])));
  const taken = new Set<string>();
  for (const path of paths) {
    const name = path.join("/");
    const isDirectory = path.length === 1 && directories.has(name);
    if (taken.has(name) || isDirectory) throw refused(`two files would be called "${name}"`);
    taken.add(name);
  }
}

/** Some of the names, quoted, in one line. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => JSON.stringify(name));
  const more = names.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} more`;
}

/** Names that begin with two dots are the agent's own, as they are kubelet's. */
function problemOf(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === ".") return "it is the directory itself";
  if (name.startsWith("..")) return "it begins with two dots";
  if (name.includes("/")) return "it has a slash";
  if (name.includes("\0")) return "it has a NUL";
  if (!name.isWellFormed()) return "it has half of a surrogate pair, which is no text";
  if (Buffer.byteLength(name) > FILE_NAME_MAX_BYTES) {
    return `it is longer than ${FILE_NAME_MAX_BYTES} bytes`;
  }
  return undefined;
}

function refused(problem: string): AgentError {
  return new AgentError(
    "files_name",
    `${problem}; rename it and pack again, or use another format (CLEF_AGENT_FILES_FORMAT)`,
  );
}
