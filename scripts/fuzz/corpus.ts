import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../run.ts";

/** The names of all targets. */
export const TARGETS: readonly string[] = globSync("test/fuzz/targets/*.ts", { cwd: ROOT })
  .map((file) => path.basename(file, ".ts"))
  .toSorted();

const fileOf = (target: string): string => path.join(ROOT, "test/fuzz/corpus", `${target}.txt`);

/** The inputs of a target that are kept in the repository: one a line, as JSON, a character for each byte. */
export function corpusOf(target: string): readonly Buffer[] {
  if (!existsSync(fileOf(target))) return [];
  const lines = readFileSync(fileOf(target), "utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => Buffer.from(JSON.parse(line) as string, "latin1"));
}

export function writeCorpus(target: string, inputs: readonly Uint8Array[]): void {
  writeFileSync(
    fileOf(target),
    [...new Set(inputs.map(lineOf))].map((line) => `${line}\n`).join(""),
  );
}

/** Adds an input, as one that was a finding: from then on it is a test. */
export function keepInput(target: string, input: Uint8Array): void {
  writeCorpus(target, [...corpusOf(target), input]);
}

function lineOf(input: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(input).toString("latin1"));
  return text.replaceAll(/[\x7f-\xff]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`);
}
