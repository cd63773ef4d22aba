import assert from "node:assert/strict";
import { AgentError } from "../../../src/errors.ts";
import { checkPaths, type FilePath } from "../../../src/files/names.ts";
import { openTemplate } from "../../../src/files/template.ts";
import { snapshotOf } from "../../support/snapshots.ts";
import type { FuzzTarget } from "../target.ts";

const { snapshot } = snapshotOf({ KEY: "zQ7x'K9vW\"\n", app: { DB: "x", "a.b": "y" } });

function paths(text: string): readonly FilePath[] {
  return text.split("\n").map((line): FilePath => {
    const at = line.indexOf(":");
    return at === -1 ? [line] : [line.slice(0, at), line.slice(at + 1)];
  });
}

/** A template and the names of files. */
export const target: FuzzTarget = {
  maxBytes: 300,
  seeds: [
    "url={{ app.DB | url }}\nkey={{KEY|json}}\n",
    "{{ NONE | default('x') | base64 }} {{ app__DB | shell }} { { }}",
    "a:b\na\n..data\n",
  ],
  words: [
    "{{",
    "}}",
    "|",
    " default(",
    "('",
    "')",
    "json",
    "base64",
    "url",
    "shell",
    "KEY",
    "app.DB",
    "..",
    ":",
    "/",
    "\0",
  ],
  run(input) {
    try {
      const rendered = openTemplate("t", input).render(snapshot);
      if (!input.includes("{{")) assert.ok(rendered.equals(input));
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "files_template");
      assert.ok(!error.message.includes("zQ7x"), "a value is in the message");
    }
    const named = paths(input.toString("utf8"));
    try {
      checkPaths(named);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "files_name");
      return;
    }
    const flat = named.map((path) => path.join("/"));
    assert.equal(new Set(flat).size, flat.length);
    for (const name of named.flat()) {
      assert.ok(!/^\.\.|^\.?$|[/\0]/.test(name) && Buffer.byteLength(name) <= 255);
    }
  },
};
