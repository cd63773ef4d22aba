import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../run.ts";

/** The names of all targets. */
export const TARGETS: readonly string[] = globSync("test/fuzz/targets/*.ts", { cwd: ROOT })
  .map((file) => path.basename(file, ".ts"))
  .toSorted();

/** What a file of grown inputs may hold, in characters: all of them are in the repository, and run with the tests. */
const MOST_CHARACTERS = 96 * 1024;

/** Inputs that were findings are kept for good, whatever branches they take. */
const fileOf = (kind: "corpus" | "findings", target: string): string =>
  path.join(ROOT, "test/fuzz", kind, `${target}.txt`);

/** The inputs of a target that are kept in the repository: one a line, as JSON, a character for each byte. */
export function corpusOf(target: string): readonly string[] {
  return [...linesIn(fileOf("findings", target)), ...linesIn(fileOf("corpus", target))];
}

/** Replaces what was grown. */
export function writeCorpus(target: string, inputs: readonly string[]): void {
  let characters = 0;
  const fitting = inputs.filter((input) => {
    characters += lineOf(input).length;
    return characters <= MOST_CHARACTERS;
  });
  write(fileOf("corpus", target), fitting);
}

/** Adds an input that was a finding: from then on it is a test. */
export function keepFinding(target: string, input: string): void {
  const file = fileOf("findings", target);
  write(file, [...linesIn(file), input]);
}

function linesIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as string);
}

function write(file: string, inputs: readonly string[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, [...new Set(inputs.map(lineOf))].map((line) => `${line}\n`).join(""));
}

/** In ASCII, so that it can be shown, copied and compared anywhere. */
export function lineOf(input: string): string {
  return JSON.stringify(input).replaceAll(
    /[\x7f-\xff]/g,
    (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`,
  );
}
