import assert from "node:assert/strict";
import { test } from "node:test";
import { choose } from "../../../src/exec/choice.ts";
import type { Choice } from "../../../src/exec/settings.ts";
import { indexPayload } from "../../../src/store/payload-index.ts";

const PAYLOAD = {
  LOG: "plain",
  app: { DB_URL: "a", "api-key": "b" },
  jobs: { DB_URL: "c" },
  CLEF_TELEMETRY_TOKEN: "agent's",
};
const { entries } = indexPayload(Buffer.from(JSON.stringify(PAYLOAD)));
const EVERYTHING: Choice = { namespaces: [], only: [], maps: [], shellNames: false };

function variables(choice: Partial<Choice>): readonly string[] {
  return choose(entries, { ...EVERYTHING, ...choice }).chosen.map(({ variable }) => variable);
}

test("without options all secrets go by their flat names, but for those of the agent's telemetry", () => {
  assert.deepEqual(variables({}), ["LOG", "app__DB_URL", "app__api-key", "jobs__DB_URL"]);
});

test("--namespace takes its secrets by bare keys, beside those without a namespace", () => {
  assert.deepEqual(variables({ namespaces: ["app"] }), ["LOG", "DB_URL", "api-key"]);
  assert.deepEqual(variables({ namespaces: ["app", "jobs"] }), [
    "LOG",
    "DB_URL",
    "api-key",
    "DB_URL",
  ]);
});

test("--shell-names makes names that a shell takes", () => {
  assert.deepEqual(variables({ namespaces: ["app"], shellNames: true }), [
    "LOG",
    "DB_URL",
    "API_KEY",
  ]);
});

test("--only looks at names as they would be set", () => {
  assert.deepEqual(variables({ namespaces: ["app"], shellNames: true, only: ["API_*"] }), [
    "API_KEY",
  ]);
  assert.deepEqual(variables({ only: ["app__*", "LOG"] }), ["LOG", "app__DB_URL", "app__api-key"]);
});

test("--map sets a secret under its name alone, whatever the other options say", () => {
  const maps = [{ name: "jobs__DB_URL", variable: "JOBS_DB" }];
  assert.deepEqual(variables({ namespaces: ["app"], only: ["LOG"], maps }), ["LOG", "JOBS_DB"]);
  assert.deepEqual(variables({ maps, shellNames: true }), [
    "LOG",
    "APP__DB_URL",
    "APP__API_KEY",
    "JOBS_DB",
  ]);
});

test("names in --map that are not there, and options that nothing answers to, are said", () => {
  const { missing, idle } = choose(entries, {
    namespaces: ["aap"],
    only: ["NOPE*", "LOG"],
    maps: [
      { name: "app__DB_ULR", variable: "DB" },
      { name: "CLEF_TELEMETRY_TOKEN", variable: "T" },
    ],
    shellNames: false,
  });
  assert.deepEqual(missing, ["app__DB_ULR", "CLEF_TELEMETRY_TOKEN"]);
  assert.deepEqual(idle, ["--namespace aap", "--only NOPE*"]);
});
