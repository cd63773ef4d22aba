import { CHAPTERS, type Chapter, type FoundCase, titleOf } from "./case.ts";
import type { Result } from "./runner.ts";
import type { Rules } from "./specification.ts";

/** TAP, version 14, as results come, and a table by chapter at the end. */
export class Report {
  readonly #write: (text: string) => void;
  readonly #rules: Rules;
  readonly #results: { readonly found: FoundCase; readonly result: Result }[] = [];

  constructor(write: (text: string) => void, rules: Rules) {
    this.#write = write;
    this.#rules = rules;
  }

  begin(total: number): void {
    this.#write(`TAP version 14\n1..${total}\n`);
  }

  add(found: FoundCase, result: Result): void {
    this.#results.push({ found, result });
    const title = titleOf(found).replaceAll(/[\\#]/g, String.raw`\$&`);
    const line = `${this.#results.length} - ${title}`;
    switch (result.kind) {
      case "passed":
        this.#write(`ok ${line} # time=${result.ms}ms\n`);
        return;
      case "skipped":
        this.#write(`ok ${line} # SKIP ${result.why}\n`);
        return;
      case "failed":
        this.#write(`not ok ${line} # time=${result.ms}ms\n${this.#why(found, result)}`);
    }
  }

  /** @returns whether nothing failed. */
  end(): boolean {
    const chapters = Object.keys(CHAPTERS) as Chapter[];
    const rows = chapters
      .map((chapter) => this.#row(chapter, chapter))
      .filter((row) => row !== undefined);
    const all = this.#row("all", undefined);
    if (all !== undefined) rows.push(all);
    this.#write(`# ${columns("chapter", "rules", "passed", "failed", "skipped", "score")}\n`);
    for (const row of rows) this.#write(`# ${columns(...row)}\n`);
    return this.#results.every(({ result }) => result.kind !== "failed");
  }

  /** The cases that passed, failed and were skipped, and the share of those that were run and passed. */
  #row(name: string, chapter: Chapter | undefined): Row | undefined {
    const mine = this.#results.filter(
      ({ found }) => chapter === undefined || found.chapter === chapter,
    );
    if (mine.length === 0) return undefined;
    const count = (kind: Result["kind"]): number =>
      mine.filter(({ result }) => result.kind === kind).length;
    const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
    const rules = new Set(mine.map(({ found }) => found.rule)).size;
    const run = passed + failed;
    const score = run === 0 ? "-" : `${Math.floor((100 * passed) / run)} %`;
    return [name, String(rules), String(passed), String(failed), String(skipped), score];
  }

  #why({ rule, file }: FoundCase, { message, log }: Extract<Result, { kind: "failed" }>): string {
    const block = (text: string): string => `|\n${text.trimEnd().replaceAll(/^/gm, "    ")}`;
    return [
      "  ---",
      `  message: ${block(message)}`,
      `  rule: ${block(`${rule}: ${this.#rules.get(rule) ?? "?"}`)}`,
      `  file: conformance/cases/${file}.ts`,
      `  log: ${block(log)}`,
      "  ...\n",
    ].join("\n");
  }
}

type Row = readonly [string, string, string, string, string, string];

function columns(...[name, ...numbers]: Row): string {
  return name.padEnd(14) + numbers.map((text) => text.padStart(9)).join("");
}
