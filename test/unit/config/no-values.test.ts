import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KNOWN_NAMES } from "../../../src/config/variables.ts";
import { SIGNING_KEY_PEM } from "../../support/artifacts.ts";
import { configErrors, filesOf } from "../../support/config.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";

/** Values that are wrong for nearly every variable, each with a part that must not be repeated. */
const MARK = "sk_alpha_mark";
const VALUES = [
  MARK,
  `${MARK} with spaces\nand lines`,
  `ftp://user:${MARK}@host/x`,
  `https://user:${MARK}@[bad`,
  `s3://${MARK}`,
  `AGE-SECRET-KEY-1${MARK}`,
  `-----BEGIN PUBLIC KEY-----\n${MARK}\n-----END PUBLIC KEY-----`,
  MARK.repeat(60),
];

describe("no configuration error repeats a value", () => {
  for (const name of [...KNOWN_NAMES, "CLEF_AGENT_MISSPELT"]) {
    test(`of ${name}`, async () => {
      for (const value of VALUES) {
        try {
          await parseConfig(
            { CLEF_AGENT_SOURCE: "/artifact.json", [name]: value },
            filesOf({ [value]: value }),
          );
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.ok(!error.message.includes(MARK), error.message);
          assert.match(error.message, /CLEF_AGENT_/);
        }
      }
    });
  }

  test("of a private key that stands where a public one belongs", async () => {
    const line = SIGNING_KEY_PEM.split("\n")[1] ?? "";
    for (const error of await configErrors({ CLEF_AGENT_VERIFY_KEY: SIGNING_KEY_PEM })) {
      assert.ok(!error.message.includes(line));
    }
  });
});
