import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";

import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { sample } from "fast-check";
import { readDotenv } from "../../src/cli/input/dotenv.ts";
import { AgentError } from "../../src/errors.ts";
import { dotenvFile } from "../support/dotenv-files.ts";
import { type ReadableFile, testReaders } from "../support/dotenv-readers.ts";

const FILES = 10_000;
const folder = mkdtempSync(join(tmpdir(), "clef-dotenv-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const seed = Date.now() % 1_000_000_000;
const accepted: ReadableFile[] = [];
for (const [index, text] of sample(dotenvFile, { numRuns: FILES, seed }).entries()) {
  try {
    const values = Object.fromEntries(readDotenv(text));
    const path = join(folder, `${index}.env`);
    writeFileSync(path, text);
    accepted.push({ path, text, values });
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
  }
}

describe(`of ${FILES} random dotenv files, what is accepted is read alike`, () => {
  test("and is neither nothing nor everything", () => {
    const withValues = accepted.filter(({ values }) => Object.keys(values).length > 0);
    assert.ok(withValues.length > FILES / 20, `${withValues.length}`);
    assert.ok(accepted.length < FILES / 2, `${accepted.length}`);
  });

  testReaders(accepted, seed);
});
