import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import * as fc from "fast-check";
import { AgentError } from "../../src/errors.ts";
import { type ReadableFile, testReaders } from "../support/dotenv-readers.ts";
import { made } from "../support/files.ts";

const SETS = 5_000;
const folder = mkdtempSync(join(tmpdir(), "clef-files-dotenv-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Ordinary text, any text, and what readers are known to differ about. */
const value = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        ..."ab' \"\\$`#=\n\t{}()!~&;|<>*?%\u00e9\u00a0\ufeff\u2028".split(""),
        "${A}",
        "$(id)",
        "\\n",
        " # x",
        "export ",
        "\r",
        "\\'",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join("")),
);
const secrets = fc.dictionary(fc.constantFrom("A", "B", "DB_URL", "_x", "LONG_NAME_2"), value, {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
});

const seed = Date.now() % 1_000_000_000;
const written: ReadableFile[] = [];
const refused: { readonly values: Record<string, string>; readonly message: string }[] = [];
for (const [index, values] of fc.sample(secrets, { numRuns: SETS, seed }).entries()) {
  try {
    const text = made(values, "dotenv")["secrets.env"] ?? "";
    const path = join(folder, `${index}.env`);
    writeFileSync(path, text);
    written.push({ path, text, values });
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    refused.push({ values, message: error.message });
  }
}

describe(`of ${SETS} random sets of secrets, secrets.env gives every reader what was packed`, () => {
  testReaders(written, seed);

  test("or was refused by the name of the secret", () => {
    assert.ok(written.length > SETS / 4, `${written.length}`);
    assert.ok(refused.length > SETS / 20, `${refused.length}`);
    for (const { values, message } of refused) {
      const names = Object.keys(values).filter((name) => message.includes(`"${name}"`));
      assert.ok(names.length > 0, message);
      // Only for what readers differ about.
      for (const name of names) {
        assert.match(values[name] ?? "", /'|\$\{|\\\\|\\$|\r|\0|[\ud800-\udfff]/, message);
      }
    }
  });
});
