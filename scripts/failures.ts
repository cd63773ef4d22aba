/** What failed in a run of `node --test`: a reporter that writes it down, and what reads that. */
import { readFile } from "node:fs/promises";
import type { TestEvent } from "node:test/reporters";

/** A test that failed. */
export interface Failure {
  /** Its own name, behind those of the suites and tests around it. */
  readonly name: string;
  /** The file that Node.js was given, which may load test files. */
  readonly entry: string;
  /** Where the outermost of what is around it, or the test itself, is written. */
  readonly file: string;
}

interface Failed {
  readonly name: string;
  readonly parent: string;
  readonly entry: string;
  readonly file: string;
}

/** The reporter: a line for each failure, as JSON. What fails because something in it did is not told. */
// oxlint-disable-next-line import/no-default-export -- what Node.js asks of a reporter
export default async function* failures(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failed = new Map<string, Failed>();
  for await (const { type, data } of source) {
    if (type !== "test:fail" || data.todo !== undefined) continue;
    const { name, file = "", entryFile = file } = data;
    const idOf = (id: number | undefined): string => `${entryFile} ${id ?? 0}`;
    const parent = idOf(data.parentId);
    failed.set(idOf(data.testId), { name, parent, entry: entryFile, file });
  }
  const parents = new Set([...failed.values()].map(({ parent }) => parent));
  for (const [id, test] of failed) {
    if (!parents.has(id)) yield `${JSON.stringify(withNames(test, failed))}\n`;
  }
}

function withNames(test: Failed, failed: ReadonlyMap<string, Failed>): Failure {
  const names: string[] = [];
  let outermost = test;
  // What is around a test that failed has failed too.
  for (let at: Failed | undefined = test; at !== undefined; at = failed.get(at.parent)) {
    names.unshift(at.name);
    outermost = at;
  }
  return { name: names.join(" > "), entry: test.entry, file: outermost.file };
}

/** What the reporter wrote. */
export async function failuresIn(file: string): Promise<readonly Failure[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Failure);
}
