import { readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Case, CHAPTERS, type FoundCase, isChapter, isKind } from "./case.ts";

/** The folder of the cases, beside the one that the suite's entry point is in. */
export function casesFolder(entry: string): string {
  return path.join(entry, "cases");
}

/**
 * All cases below a folder, by their files: `<chapter>/<rule>-<words>.<kind>.ts`.
 *
 * @throws Error for a file whose name says nothing of the kind.
 */
export async function discover(folder: string): Promise<readonly FoundCase[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[jt]s$/.test(file))
    .toSorted(byChapterAndRule);
  const lists = await Promise.all(files.map((file) => casesOf(folder, file)));
  return lists.flat();
}

async function casesOf(folder: string, file: string): Promise<readonly FoundCase[]> {
  const read = /^(?<chapter>[\w-]+)[/\\](?<rule>[A-Z]-\d+)-[\w-]+\.(?<kind>[\w-]+)\.[jt]s$/.exec(
    file,
  );
  const { chapter = "", rule = "", kind = "" } = read?.groups ?? {};
  if (!isChapter(chapter) || !isKind(kind) || !rule.startsWith(CHAPTERS[chapter])) {
    throw new Error(`${file} is not called <chapter>/<rule>-<words>.<kind>`);
  }
  const module = (await import(pathToFileURL(path.join(folder, file)).href)) as {
    readonly cases: readonly Case[];
  };
  const stem = file.replaceAll(path.sep, "/").replace(/\.[jt]s$/, "");
  return module.cases.map((one) => Object.assign({ chapter, rule, kind, file: stem }, one));
}

function byChapterAndRule(one: string, other: string): number {
  const key = (file: string): readonly [number, number, string] => {
    const [chapter = ""] = file.split(/[/\\]/);
    return [Object.keys(CHAPTERS).indexOf(chapter), Number(/-(\d+)-/.exec(file)?.[1] ?? 0), file];
  };
  const [chapterA, ruleA, fileA] = key(one);
  const [chapterB, ruleB, fileB] = key(other);
  return chapterA - chapterB || ruleA - ruleB || (fileA < fileB ? -1 : 1);
}
