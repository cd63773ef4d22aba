import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configError, configured } from "../../support/config.ts";

const DIRECTORY = { CLEF_AGENT_FILES_DIR: "/run/secrets" };
const files = async (env: Readonly<Record<string, string>> = {}) =>
  (await configured({ ...DIRECTORY, ...env })).files;

describe("the files", () => {
  test("have the defaults of the contract where a directory is named", async () => {
    assert.deepEqual(await files(), {
      directory: "/run/secrets",
      formats: ["keys"],
      templates: undefined,
      mode: 0o440,
      onDisk: "refuse",
    });
  });

  test("have several formats, in any order, with spaces, each once", async () => {
    const env = { CLEF_AGENT_FILES_FORMAT: "dotenv, json,keys ,json" };
    assert.deepEqual((await files(env))?.formats, ["dotenv", "json", "keys"]);
  });

  test("have no format that does not exist", async () => {
    for (const format of ["yaml", "keys,", "keys;json", "KEYS"]) {
      assert.match(
        await configError({ ...DIRECTORY, CLEF_AGENT_FILES_FORMAT: format }),
        /^config_invalid: CLEF_AGENT_FILES_FORMAT must be one or more of keys, json, dotenv/,
      );
    }
  });

  test("have an octal mode that lets their owner read, and nobody execute", async () => {
    for (const [text, mode] of [
      ["0400", 0o400],
      ["440", 0o440],
      ["0644", 0o644],
      ["0660", 0o660],
    ] as const) {
      assert.equal((await files({ CLEF_AGENT_FILES_MODE: text }))?.mode, mode);
    }
    for (const text of ["0040", "0000", "0550", "4440", "rw-r-----", "0o440", "00440", "44", "8"]) {
      assert.match(
        await configError({ ...DIRECTORY, CLEF_AGENT_FILES_MODE: text }),
        /^config_invalid: CLEF_AGENT_FILES_MODE must be an octal mode/,
      );
    }
  });

  test("may lie on a disk where that is allowed by that word", async () => {
    assert.equal((await files({ CLEF_AGENT_FILES_ON_DISK: "allow" }))?.onDisk, "allow");
    assert.match(
      await configError({ ...DIRECTORY, CLEF_AGENT_FILES_ON_DISK: "true" }),
      /^config_invalid: CLEF_AGENT_FILES_ON_DISK/,
    );
  });

  test("have a directory where anything else of them is set", async () => {
    const env = { CLEF_AGENT_FILES_FORMAT: "json", CLEF_AGENT_FILES_MODE: "0400" };
    assert.match(
      await configError(env),
      /^config_missing: CLEF_AGENT_FILES_FORMAT, CLEF_AGENT_FILES_MODE without CLEF_AGENT_FILES_DIR/,
    );
  });

  test("need no token, so a missing one is not warned of", async () => {
    assert.match(String((await configured()).warnings), /no token is configured/);
    assert.doesNotMatch(String((await configured(DIRECTORY)).warnings), /token/);
  });

  test("and just-in-time mode exclude each other", async () => {
    assert.match(
      await configError({ ...DIRECTORY, CLEF_AGENT_CACHE_TTL: "0" }),
      /^config_conflict: CLEF_AGENT_FILES_DIR and CLEF_AGENT_CACHE_TTL=0 are both set/,
    );
  });
});
