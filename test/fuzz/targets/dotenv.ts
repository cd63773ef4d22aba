import assert from "node:assert/strict";
import { parseEnv } from "node:util";
import { parse } from "dotenv";
import { readDotenv } from "../../../src/cli/input/dotenv.ts";
import { AgentError } from "../../../src/errors.ts";
import type { FuzzTarget } from "../target.ts";

/** A dotenv file for `pack`: what is read must be what Node.js and motdotla's dotenv read. */
export const target: FuzzTarget = {
  maxBytes: 300,
  seeds: [
    "A=1\nB='two words'\nexport C=\"x'y\"\n",
    "# comment\n\nURL=postgres://u:p@h/db?x=y # why\nE=''\nM='a\nb'\n",
  ],
  words: [
    "=",
    "'",
    '"',
    "\n",
    "#",
    " #",
    "export ",
    "\\",
    "$",
    "${",
    "`",
    "\r",
    "''",
    "A=",
    "%",
    "é",
  ],
  run(input) {
    const text = input.toString("utf8");
    let read;
    try {
      read = readDotenv(text);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "input_invalid");
      return;
    }
    const ours = Object.fromEntries(read);
    assert.deepEqual({ ...parseEnv(text) }, ours, "Node.js reads it differently");
    assert.deepEqual({ ...parse(text) }, ours, "dotenv reads it differently");
  },
};
