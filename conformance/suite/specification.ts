import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** The rules of the specification by their numbers, each as one line of text. */
export type Rules = ReadonlyMap<string, string>;

/** Reads `- **F-1** text` and the lines that go on with it. */
export function rulesIn(markdown: string): Rules {
  const rules = new Map<string, string>();
  for (const [, rule = "", text = ""] of markdown.matchAll(
    /^- \*\*([A-Z]-\d+)\*\* ([^\n]+(?:\n {2}[^\n]+)*)/gm,
  )) {
    if (rules.has(rule)) throw new Error(`${rule} is there twice`);
    rules.set(rule, text.replaceAll(/\s+/g, " "));
  }
  return rules;
}

/** The specification that belongs to this suite: in the package beside it, in the repository in docs/. */
export function readRules(entry: string): Rules {
  const packaged = path.join(entry, "specification.md");
  const file = existsSync(packaged) ? packaged : path.join(entry, "../docs/specification.md");
  return rulesIn(readFileSync(file, "utf8"));
}
