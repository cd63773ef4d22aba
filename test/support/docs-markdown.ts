import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";

const ROOT = dirname(dirname(import.meta.dirname));

/** Every Markdown file of the repository, as paths from its top with forward slashes. */
export const MARKDOWN_FILES: readonly string[] = globSync("**/*.md", {
  cwd: ROOT,
  exclude: (path) => path === "node_modules" || path === "dist",
})
  .map((path) => path.replaceAll(sep, posix.sep))
  .toSorted();

/** The text of a file, by its path from the top of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The rows of the first table under a heading, without the one that names the columns. */
export function tableUnder(markdown: string, heading: string): readonly (readonly string[])[] {
  const section = sectionUnder(markdown, heading);
  const start = section.findIndex((line) => line.startsWith("|"));
  if (start === -1) throw new Error(`there is no table under "${heading}"`);
  const end = section.findIndex((line, index) => index > start && !line.startsWith("|"));
  return section.slice(start + 2, end === -1 ? undefined : end).map(cellsOf);
}

function sectionUnder(markdown: string, heading: string): readonly string[] {
  const lines = markdown.split("\n");
  const start = lines.findIndex(
    (line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading,
  );
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const end = lines.findIndex((line, index) => index > start && /^#+ /.test(line));
  return lines.slice(start + 1, end === -1 ? undefined : end);
}

function cellsOf(row: string): readonly string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, "|"));
}

/** What stands in backticks, in its order. */
export function codesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? "");
}

/** The targets of all links, without those inside blocks of code. */
export function linksIn(markdown: string): readonly string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
}

/** The anchors of all headings, as code hosts make them. */
export function anchorsIn(markdown: string): readonly string[] {
  return withoutCode(markdown)
    .split("\n")
    .filter((line) => /^#+ /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    );
}

function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, "");
}
