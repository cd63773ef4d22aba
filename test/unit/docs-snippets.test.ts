import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MARKDOWN_FILES, textOf } from "../support/docs-markdown.ts";

interface Snippet {
  readonly page: string;
  /** The file that it is taken from, as the comment before it says. */
  readonly from: string | undefined;
  readonly lines: readonly string[];
}

const FENCE = /(?:<!-- from (?<from>\S+) -->\s*)?^```(?<language>\w*)\n(?<text>[\s\S]*?)\n```$/gm;

function snippetsOf(page: string): readonly (Snippet & { readonly language: string })[] {
  return [...textOf(page).matchAll(FENCE)].map(({ groups = {} }) => ({
    page,
    from: groups["from"],
    language: groups["language"] ?? "",
    lines: (groups["text"] ?? "").split("\n"),
  }));
}

/** Whether the lines stand in the file one after the other, all indented by as much. */
function isIn(lines: readonly string[], file: readonly string[]): boolean {
  return file.some((first, at) => {
    const indent = first.slice(0, first.length - (lines[0] ?? "").length);
    if (indent.trim() !== "") return false;
    return lines.every((line, index) => (file[at + index] ?? "") === (line && `${indent}${line}`));
  });
}

const snippets = MARKDOWN_FILES.flatMap(snippetsOf);
const taken = snippets.filter(({ from }) => from !== undefined);

describe("a snippet in the documentation", () => {
  for (const { page, from = "", lines } of taken) {
    test(`of ${page} is what ${from} says from "${lines[0]?.trim()}"`, () => {
      assert.ok(isIn(lines, textOf(from).split("\n")), lines.join("\n"));
    });
  }

  test("that shows how to deploy is taken from a file that tests use", () => {
    const own = snippets.filter(
      ({ page, from, language }) =>
        page.startsWith("docs/deploy/") && from === undefined && language !== "console",
    );
    assert.deepEqual(own, []);
    assert.ok(taken.length >= 10);
  });
});
