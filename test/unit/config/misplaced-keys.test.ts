import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import { KNOWN_NAMES } from "../../../src/config/variables.ts";
import { AGE_IDENTITY, SIGNING_KEY_PEM } from "../../support/artifacts.ts";
import { configError, configErrors, configured } from "../../support/config.ts";

const KEYS = { "an age identity": AGE_IDENTITY, "a private key": SIGNING_KEY_PEM };

describe("a variable for something else that holds", () => {
  for (const [what, key] of Object.entries(KEYS)) {
    test(`${what} is named, and the key is not repeated`, async () => {
      for (const name of KNOWN_NAMES) {
        if (name === "CLEF_AGENT_AGE_KEY" || name === "CLEF_AGENT_VERIFY_KEY") continue;
        const messages = (await configErrors({ [name]: key })).map(({ message }) => message);
        const told = `${name} holds ${what}, which belongs in CLEF_`;
        assert.ok(
          messages.some((message) => message.startsWith(told)),
          `${name}: ${messages.join("; ")}`,
        );
        assert.ok(!messages.some((message) => message.includes(key.slice(0, 40))));
      }
    });
  }
});

test("32 random bytes are no source, and a file of such a name is one all the same", async () => {
  const name = `a1B${randomBytes(32).toString("base64url")}`;
  assert.equal(
    await configError({ CLEF_AGENT_SOURCE: name }),
    "config_invalid: CLEF_AGENT_SOURCE looks like a key, not like a path; if it is a file, write ./ before its name",
  );
  const { source } = await configured({ CLEF_AGENT_SOURCE: `./${name}` });
  assert.deepEqual(source, { kind: "file", path: `./${name}` });
});
