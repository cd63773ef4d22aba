import assert from "node:assert/strict";
import { INPUT_FORMATS, readSecrets } from "../../../src/cli/secrets-input.ts";
import { AgentError } from "../../../src/errors.ts";
import type { FuzzTarget } from "../target.ts";

/** The other inputs of `pack`; the first byte chooses the format. */
export const target: FuzzTarget = {
  maxBytes: 300,
  seeds: [
    '0{"a":{"b":"c"}}',
    "1app:\n  A: one\n  B: |\n    two\n  C: 'x'\nD: \"\\u00e9\"\n",
    "1a: &x 1\nb: *x\n<<: {c: d}\n",
    "2A=1\n",
    'A="x\\ny"\nB=2\n',
    "4apiVersion: v1\nkind: Secret\ndata:\n  A: YQ==\nstringData:\n  B: b\n",
  ],
  words: [
    ": ",
    "\n",
    "- ",
    "&a ",
    "*a",
    "|",
    ">",
    "!!str ",
    "<<: ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "---\n",
    "# ",
    "? ",
    "\\n",
  ],
  async run(input) {
    const format = INPUT_FORMATS[(input[0] ?? 0) % INPUT_FORMATS.length];
    try {
      const { bytes, index } = await readSecrets(input.subarray(1), "-", format, undefined);
      const value = JSON.parse(bytes.toString("utf8")) as Record<string, unknown>;
      assert.ok(index.entries.every(({ key }) => key !== ""));
      assert.ok(
        Object.values(value).length >= new Set(index.entries.map((e) => e.namespace)).size - 1,
      );
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "input_invalid");
    }
  },
};
