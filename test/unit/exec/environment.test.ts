import assert from "node:assert/strict";
import { test } from "node:test";
import { beside, inheritedBy } from "../../../src/exec/environment.ts";

const AGENTS = {
  PATH: "/bin",
  LC_TIME: "C",
  OTHER: "stays",
  EMPTY: "",
  UNSET: undefined,
  CLEF_AGENT_AGE_KEY: "key",
  CLEF_SIGNING_KEY: "key",
  CLEF_SIGNING_KMS_KEY: "key",
  CLEF_OTHER: "stays",
};

test("the command inherits all but what configures the agent and signs", () => {
  const { PATH, LC_TIME, OTHER, EMPTY, CLEF_OTHER } = AGENTS;
  assert.deepEqual(inheritedBy(AGENTS, false, "linux"), {
    PATH,
    LC_TIME,
    OTHER,
    EMPTY,
    CLEF_OTHER,
  });
});

test("with --clear-env it inherits what a program needs to run at all", () => {
  const kept = { PATH: "1", HOME: "2", USER: "3", LANG: "4", LC_ALL: "5", TERM: "6", TZ: "7" };
  const env = { ...kept, TMPDIR: "8", SHELL: "no", LANGUAGE: "no", CLEF_AGENT_TOKEN: "no" };
  assert.deepEqual(inheritedBy(env, true, "linux"), { ...kept, TMPDIR: "8" });
});

test("on Windows, names are the same in any case", () => {
  assert.deepEqual(inheritedBy({ clef_agent_token: "no", Path: "kept" }, true, "win32"), {
    Path: "kept",
  });
  assert.deepEqual(beside({ Key: "old", Other: "stays" }, ["KEY"], "win32"), { Other: "stays" });
  assert.deepEqual(beside({ Key: "other" }, ["KEY"], "linux"), { Key: "other" });
});
